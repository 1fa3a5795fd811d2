// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASTesting
import Testing

@Suite struct ByteChainTests {
    @Test func `empty slices are left out`() {
        let text = Bytes(utf8: "abc")
        for chain in [
            ByteChain([Bytes(), text, Bytes()]), ByteChain(text),
            {
                var chain = ByteChain(Bytes())
                chain.append(Bytes())
                chain.append(text)
                chain.append(ByteChain())
                return chain
            }(),
        ] {
            #expect(chain.slices == [text])
            #expect(chain.count == 3 && !chain.isEmpty)
        }
        for chain in [ByteChain(), ByteChain(Bytes()), ByteChain([]), ByteChain([Bytes(), Bytes()])] {
            #expect(chain.slices.isEmpty && chain.isEmpty)
            #expect(chain.joined() == Bytes())
        }
    }

    @Test func `chains are equal if their bytes are, however they are cut`() {
        let chain = ByteChain([Bytes(utf8: "ab"), Bytes(utf8: "c")])
        #expect(chain == ByteChain([Bytes(utf8: "a"), Bytes(utf8: "bc")]))
        #expect(chain == ByteChain(Bytes(utf8: "abc")))
        #expect(chain != ByteChain(Bytes(utf8: "abd")))
        #expect(chain != ByteChain(Bytes(utf8: "ab")))
    }

    @Test func `joining one slice copies nothing`() {
        let text = Bytes(utf8: "abc")
        let joined = ByteChain(text).joined()
        #expect(joined.withUnsafeBytes { $0.baseAddress } == text.withUnsafeBytes { $0.baseAddress })
    }

    @Test func `every part of a chain is that of an array`() {
        let chain = ByteChain([Bytes([0]), Bytes([1, 2, 3]), Bytes([4, 5]), Bytes([6])])
        for start in 0...7 {
            for end in start...7 {
                let part = chain[start..<end]
                #expect(Array(part.joined()) == (start..<end).map(UInt8.init))
                #expect(part.count == end - start)
                #expect(part.slices.allSatisfy { !$0.isEmpty })
            }
        }
    }

    @Test(arguments: SeededRandom.seeds()) func `random chains behave as arrays`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            var (chain, array) = (ByteChain(), [UInt8]())
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                let piece = random.bytes(Int.random(in: 0...40, using: &random))
                let cut = random.cut(piece, longest: 10)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: chain.append(piece)
                case 1: chain.append(cut)
                default: chain = ByteChain(chain.slices + [Bytes()] + cut.slices)
                }
                array += Array(piece)
            }
            #expect(chain.count == array.count)
            #expect(Array(chain.joined()) == array)
            #expect(chain == ByteChain(Bytes(array)))
            let start = Int.random(in: 0...array.count, using: &random)
            let end = Int.random(in: start...array.count, using: &random)
            let part = chain[start..<end]
            #expect(Array(part.joined()) == Array(array[start..<end]))
            #expect(part.slices.reduce(0) { $0 + $1.count } == part.count)
            #expect(part.slices.allSatisfy { !$0.isEmpty })
        }
    }
}
