// SPDX-License-Identifier: Apache-2.0

/// What one store took for the work of a suite, as `--json` prints it.
struct StoreReport: Encodable, Sendable {
    let suite: String

    /// Which store.
    let store: String

    /// What was special about the work, or nil.
    let work: String?

    /// How many things were done.
    let count: Int

    /// What the things are.
    let unit: String

    let wallSeconds: Double
    let cpuSeconds: Double

    /// What one thing took.
    var wallMicroseconds: Double { wallSeconds / Double(max(1, count)) * 1e6 }
    var cpuMicroseconds: Double { cpuSeconds / Double(max(1, count)) * 1e6 }

    /// How many times as long as Casemate's store it took for the same work.
    private(set) var wallRatio: Double?
    private(set) var cpuRatio: Double?

    /// What else is worth telling, by name with unit.
    var figures: [String: Double] = [:]

    init(
        _ suite: StoreSuiteName, store: String, work: String? = nil, _ count: Int, _ unit: String,
        _ stopwatch: Stopwatch
    ) {
        self.suite = suite.rawValue
        self.store = store
        self.work = work
        self.count = count
        self.unit = unit
        wallSeconds = stopwatch.wallSeconds
        cpuSeconds = stopwatch.cpuSeconds
    }

    /// The same report with the ratios to the one of Casemate's store.
    func compared(to ours: StoreReport) -> StoreReport {
        var report = self
        report.wallRatio = Self.ratio(wallMicroseconds, ours.wallMicroseconds)
        report.cpuRatio = Self.ratio(cpuMicroseconds, ours.cpuMicroseconds)
        return report
    }

    private static func ratio(_ theirs: Double, _ ours: Double) -> Double? {
        ours > 0 ? theirs / ours : nil
    }

    private enum Key: String, CodingKey {
        case suite, store, work, count, unit, wallSeconds, cpuSeconds, wallMicroseconds, cpuMicroseconds
        case wallRatio, cpuRatio, figures
    }

    func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: Key.self)
        try object.encode(suite, forKey: .suite)
        try object.encode(store, forKey: .store)
        try object.encodeIfPresent(work, forKey: .work)
        try object.encode(count, forKey: .count)
        try object.encode(unit, forKey: .unit)
        try object.encode(wallSeconds, forKey: .wallSeconds)
        try object.encode(cpuSeconds, forKey: .cpuSeconds)
        try object.encode(wallMicroseconds, forKey: .wallMicroseconds)
        try object.encode(cpuMicroseconds, forKey: .cpuMicroseconds)
        try object.encodeIfPresent(wallRatio, forKey: .wallRatio)
        try object.encodeIfPresent(cpuRatio, forKey: .cpuRatio)
        try object.encode(figures, forKey: .figures)
    }
}
