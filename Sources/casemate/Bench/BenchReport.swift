// SPDX-License-Identifier: Apache-2.0

/// The result of one suite, as `--json` prints it.
struct BenchReport: Encodable {
    let suite: String
    /// How many calls were under way at once.
    let streams: Int
    let bytes: Int
    let calls: Int
    /// The blobs or digests in the calls; 0 where those are not what counts.
    let entries: Int
    let wallSeconds: Double
    let speed: Double
    let speedUnit: String
    let costUnit: String
    let clientCPUSeconds: Double
    let clientCost: Double
    let serverCPUSeconds: Double?
    let serverCost: Double?
    let serverPeakResidentBytes: Int?
    let serverPeakAnonymousBytes: Int?

    init(_ suite: BenchSuiteName, streams: Int, _ unit: BenchUnit, _ times: BenchTimes) {
        let amount = max(unit.amount(times.tally), .leastNonzeroMagnitude)
        self.suite = suite.rawValue
        self.streams = streams
        bytes = times.tally.bytes
        calls = times.tally.calls
        entries = times.tally.entries
        wallSeconds = times.wallSeconds
        speed = amount / times.wallSeconds
        speedUnit = unit.speed
        costUnit = unit.cost
        clientCPUSeconds = times.clientSeconds
        clientCost = times.clientSeconds / amount * unit.costFactor
        serverCPUSeconds = times.serverSeconds
        serverCost = times.serverSeconds.map { $0 / amount * unit.costFactor }
        serverPeakResidentBytes = times.serverMemory?.resident
        serverPeakAnonymousBytes = times.serverMemory?.anonymous
    }
}
