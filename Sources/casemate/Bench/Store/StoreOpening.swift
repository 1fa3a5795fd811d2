// SPDX-License-Identifier: Apache-2.0

/// What the opening of a store took, and what the process occupies after it.
struct StoreOpening: Codable {
    let blobs: Int
    let wallSeconds: Double
    let cpuSeconds: Double
    let residentBytes: Int
    let anonymousBytes: Int
    let indexBytes: Int
}
