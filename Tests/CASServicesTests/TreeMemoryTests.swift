// SPDX-License-Identifier: Apache-2.0

import CASModel
import Testing

@testable import CASServices

@Suite struct TreeMemoryTests {
    private func digest(_ number: Int) -> Digest { Content("\(number)").digest }

    private func reached(_ numbers: Range<Int>, upTo bound: Int = 100) -> ReachedDigests {
        var reached = ReachedDigests(upTo: bound)
        for number in numbers { reached.add([digest(number)]) }
        return reached
    }

    private func memory(trees: Int, digests: Int) -> RememberedTrees {
        var limits = TreeLimits()
        limits.rememberedTrees = trees
        limits.rememberedDigests = digests
        return RememberedTrees(limits)
    }

    @Test func `the tree that was used longest ago is forgotten first`() {
        var memory = memory(trees: 2, digests: 100)
        memory.remember(reached(1..<3), from: digest(1))
        memory.remember(reached(2..<5), from: digest(2))
        #expect(memory.reached(from: digest(1))?.count == 2)
        memory.remember(reached(3..<4), from: digest(3))
        #expect(memory.reached(from: digest(2)) == nil)
        #expect(memory.reached(from: digest(1)) != nil && memory.reached(from: digest(3)) != nil)
        #expect(memory.treeCount == 2 && memory.digestCount == 3)
    }

    @Test func `no more digests are remembered than the limit`() {
        var memory = memory(trees: 50, digests: 10)
        for number in 0..<20 {
            memory.remember(reached(number..<number + 3), from: digest(number))
            memory.remember(reached(number..<number + 3), from: digest(number))
            #expect(memory.digestCount <= 10)
        }
        #expect(memory.treeCount == 3)
        memory.remember(reached(0..<11), from: digest(100))
        #expect(memory.digestCount <= 10 && memory.reached(from: digest(100)) == nil)
    }

    @Test func `a walk that reaches too much is not remembered`() {
        var memory = memory(trees: 50, digests: 100)
        memory.remember(reached(0..<9, upTo: 8), from: digest(0))
        #expect(memory.treeCount == 0)
        #expect(reached(0..<8, upTo: 8).digests?.count == 8)
    }

    @Test func `a page token survives its text, and nothing else is one`() throws {
        let token = PageToken(sentCount: 12, last: digest(1))
        #expect(try PageToken(token.text, .sha256) == token)
        #expect(try PageToken("", .sha256) == nil)
        for text in [" ", "12", "0-\(digest(1))", "1-x-1", token.text + "-", "012" + token.text.dropFirst(2)]
        {
            #expect(throws: MalformedValue.self) { try PageToken(text, .sha256) }
        }
    }
}
