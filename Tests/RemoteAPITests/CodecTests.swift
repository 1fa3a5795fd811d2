// SPDX-License-Identifier: Apache-2.0

import Testing

/// Every hand-made codec takes what swift-protobuf takes, for the same, and refuses what it refuses.
@Suite struct CodecTests {
    static let rounds = 100

    @Test(arguments: CodecComparison.all.indices)
    func `a message means the same however it is cut`(_ index: Int) {
        let codec = CodecComparison.all[index]
        var dice = Dice.thrown(for: "cut \(codec.name)")
        for _ in 0..<Self.rounds { codec.hold(codec.sample(&dice), cuttingBy: &dice) }
    }

    @Test(arguments: CodecComparison.all.indices)
    func `fields that nobody meant and messages in two pieces are merged or skipped`(_ index: Int) {
        let codec = CodecComparison.all[index]
        var dice = Dice.thrown(for: "merge \(codec.name)")
        for _ in 0..<Self.rounds {
            let pieces = [dice.soup(), codec.sample(&dice), dice.soup(), codec.sample(&dice)]
            codec.hold(pieces.shuffled(using: &dice).flatMap { $0 }, cuttingBy: &dice)
        }
    }

    @Test(arguments: CodecComparison.all.indices)
    func `a message cut short at any length is judged alike`(_ index: Int) {
        let codec = CodecComparison.all[index]
        var dice = Dice.thrown(for: "truncate \(codec.name)")
        for _ in 0..<3 {
            let whole = codec.sample(&dice)
            for count in 0..<min(whole.count, 400) {
                codec.hold(Array(whole.prefix(count)), cuttingBy: &dice)
            }
        }
    }

    @Test(arguments: CodecComparison.all.indices)
    func `a message with flipped bits is judged alike`(_ index: Int) {
        let codec = CodecComparison.all[index]
        var dice = Dice.thrown(for: "flip \(codec.name)")
        for _ in 0..<5 * Self.rounds {
            var bytes = codec.sample(&dice)
            guard !bytes.isEmpty else { continue }
            for _ in 0...dice.below(3) {
                bytes[dice.below(min(bytes.count, 200))] ^= 1 << UInt8(dice.below(8))
            }
            codec.hold(bytes, cuttingBy: &dice)
        }
    }

    @Test func `garbage is judged alike by all codecs`() {
        var dice = Dice.thrown(for: "garbage")
        for _ in 0..<10 * Self.rounds {
            CodecComparison.hold(dice.soup(), cuttingBy: &dice)
            CodecComparison.hold(dice.bytes(dice.below(40)), cuttingBy: &dice)
        }
    }

    @Test func `nesting is bounded where swift-protobuf bounds it`() {
        var dice = Dice.thrown(for: "nesting")
        for depth in 95...105 {
            let group: [UInt8] = Array(repeating: 0x7B, count: depth) + Array(repeating: 0x7C, count: depth)
            CodecComparison.hold(group, cuttingBy: &dice)
            let within: [UInt8] = [0x0A] + dice.varint(UInt64(group.count)) + group
            CodecComparison.hold(within, cuttingBy: &dice)
            CodecComparison.hold([0x12] + within.dropFirst(), cuttingBy: &dice)
        }
        CodecComparison.hold(Array(repeating: 0x7B, count: 1 << 20), cuttingBy: &dice)
    }
}
