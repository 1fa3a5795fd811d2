// SPDX-License-Identifier: Apache-2.0

import Testing

/// Waits until `condition` holds; fails the test if that takes longer than any machine needs.
func eventually(_ condition: () -> Bool, _ location: SourceLocation = #_sourceLocation) async throws {
    for _ in 0..<3000 {
        if condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("did not come to hold within 30 seconds", sourceLocation: location)
}
