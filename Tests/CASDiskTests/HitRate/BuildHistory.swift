// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Foundation

/// What a continuous integration asks of a cache: builds on several branches, by day and by night.
///
/// A build reads most of the toolchain, and the outputs of the modules it needs, as its branch has them. Commits give a
/// module and those that depend on it new outputs; branches are cut from the main one again and again, and merged into
/// it; every night everything is built anew.
struct BuildHistory {
    private static let modules = 60
    private static let toolchainModules = 40
    private static let branches = 8
    private static let buildsPerDay = 40
    private static let secondsBetweenBuilds = 900
    private static let buildSeconds = 600
    private static let day = 86_400

    /// The outputs of each module.
    private typealias Tree = [[Int]]

    /// What makes a longer trace one of more blobs, and not of more builds.
    private let blobsPerModule: Int

    private var random: SeededRandom
    private var trace = Trace("Builds of a project")
    private var toolchain: [Int] = []
    private var trees: [Tree] = []
    private let popularity = ZipfDistribution(count: modules, exponent: 0.7)

    /// The trace of about `uses` uses.
    static func trace(uses: Int, seed: UInt64) -> Trace {
        var history = BuildHistory(blobsPerModule: max(1, uses / 30_000), seed: seed)
        var day = 0
        while history.trace.accesses.count < uses {
            history.spend(day: day)
            day += 1
        }
        return history.trace
    }

    private init(blobsPerModule: Int, seed: UInt64) {
        self.blobsPerModule = blobsPerModule
        random = SeededRandom(seed: seed)
        toolchain = (0..<Self.toolchainModules).flatMap { _ in freshModule() }
        let main = (0..<Self.modules).map { _ in freshModule() }
        trees = Array(repeating: main, count: Self.branches)
    }

    private mutating func spend(day: Int) {
        let night = day * Self.day
        for module in 0..<Self.modules { trees[0][module] = freshModule() }
        build(branch: 0, modules: Array(0..<Self.modules), at: night)
        for number in 1...Self.buildsPerDay {
            let branch = Int.random(in: 0..<Self.branches, using: &random)
            let changed = commit(to: branch)
            build(branch: branch, modules: changed + read(), at: night + number * Self.secondsBetweenBuilds)
        }
        if day % 7 == 6 { toolchain[Int.random(in: toolchain.indices, using: &random)] = freshBlob() }
    }

    /// New outputs of a module and of those after it that depend on it. Now and then the branch starts
    /// from the main one before, or ends in it.
    private mutating func commit(to branch: Int) -> [Int] {
        if Int.random(in: 0..<8, using: &random) == 0 {
            trees[branch] = trees[0]
        } else if Int.random(in: 0..<8, using: &random) == 0 {
            trees[0] = trees[branch]
        }
        let changed = popularity.draw(&random)
        let dependent = (changed + 1..<Self.modules).filter { _ in Int.random(in: 0..<20, using: &random) == 0
        }
        for module in [changed] + dependent { trees[branch][module] = freshModule() }
        return [changed] + dependent
    }

    private mutating func read() -> [Int] {
        (0..<Self.modules / 2).map { _ in popularity.draw(&random) }
    }

    private mutating func build(branch: Int, modules: [Int], at start: Int) {
        var blobs = toolchain.filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
        blobs += Set(modules).sorted().flatMap { trees[branch][$0] }
        for (number, blob) in blobs.enumerated() {
            trace.use(blob, at: UInt32(start + number * Self.buildSeconds / blobs.count))
        }
    }

    private mutating func freshModule() -> [Int] {
        (0..<blobsPerModule).map { _ in freshBlob() }
    }

    /// Sizes are log-normal: from 100 bytes to tens of mebibytes, half of them below 8 KiB.
    private mutating func freshBlob() -> Int {
        let normal =
            sqrt(-2 * log(1 - Double.random(in: 0..<1, using: &random)))
            * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
        let size = exp(log(8192) + 2.2 * normal)
        return trace.addBlob(size: Int(min(max(size, 100), 64 * 1_048_576)))
    }
}
