// SPDX-License-Identifier: Apache-2.0

import CASTesting
import Glibc

@testable import CASDisk

/// What a simulated disk, and the kernel in front of it, are in: decides what a call does.
struct DiskState: Sendable {
    /// What a call is let do.
    enum Verdict {
        case proceed
        /// It does at most a part.
        case shorten
        /// It fails, a write after a part.
        case fail(SystemError)
    }

    struct Descriptor {
        let file: SimulatedFile
    }

    struct Mapped {
        let memory: Memory
        let file: SimulatedFile
    }

    var random: SeededRandom
    var names: NameTree
    var capacity: Int
    var weather = Weather.calm
    var counts = DiskCounts()

    /// The number of the process that runs.
    var life = 0
    var isDead = false
    var callsUntilDeath: Int?

    private(set) var descriptors: [Int32: Descriptor] = [:]
    private var lastDescriptor: Int32 = 2
    /// By the address that it begins at.
    private var mapped: [UInt: Mapped] = [:]
    private var files: [SimulatedFile] = []
    private var bootNumber = 1

    init(random: SeededRandom, names: NameTree, capacity: Int) {
        self.random = random
        self.names = names
        self.capacity = capacity
    }

    var usedBlocks: Int { files.reduce(0) { $0 + $1.blocks } }

    private mutating func happens(_ share: Double) -> Bool {
        share > 0 && Double.random(in: 0..<1, using: &random) < share
    }

    // MARK: Calls

    /// What becomes of a call of the process with the number `caller`.
    mutating func judge(_ call: DiskCall, by caller: Int) -> Verdict {
        guard !isDead, caller == life else { return .fail(.unreadable) }
        counts.calls += 1
        writeBackSomething()
        if let left = callsUntilDeath {
            callsUntilDeath = left - 1
            guard left > 0 else {
                die()
                return .fail(.unreadable)
            }
        }
        return fault(of: call)
    }

    private mutating func fault(of call: DiskCall) -> Verdict {
        switch call {
        case .open, .metadata, .readOfKernel:
            return fail(weather.metadataFailures, .unreadable, \.metadataFailures) ?? .proceed
        case .read:
            return interrupt() ?? fail(weather.readFailures, .unreadable, \.readFailures) ?? shorten()
        case .write:
            return interrupt() ?? fail(weather.writeFailures, .unreadable, \.writeFailures) ?? shorten()
        case .allocate:
            return interrupt() ?? fail(weather.noSpace, .noSpace, \.noSpace) ?? .proceed
        case .sync:
            return interrupt() ?? fail(weather.syncFailures, .unreadable, \.syncFailures) ?? .proceed
        case .syncDirectory:
            return fail(weather.syncFailures, .unreadable, \.syncFailures) ?? .proceed
        case .list:
            return .proceed
        }
    }

    private mutating func interrupt() -> Verdict? {
        happens(weather.interruptions) ? .fail(SystemError(number: EINTR)) : nil
    }

    private mutating func shorten() -> Verdict {
        happens(weather.shortCounts) ? .shorten : .proceed
    }

    private mutating func fail(
        _ share: Double, _ error: SystemError, _ count: WritableKeyPath<DiskCounts, Int>
    ) -> Verdict? {
        guard happens(share) else { return nil }
        counts[keyPath: count] += 1
        return .fail(error)
    }

    private mutating func writeBackSomething() {
        guard happens(weather.writeBacks) else { return }
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            files.randomElement(using: &random)?.writeBack(&random)
        }
    }

    // MARK: Files

    /// A new descriptor of `file`.
    mutating func descriptor(of file: SimulatedFile) -> Int32 {
        lastDescriptor += 1
        file.references += 1
        descriptors[lastDescriptor] = Descriptor(file: file)
        return lastDescriptor
    }

    mutating func close(_ descriptor: Int32) {
        guard let file = descriptors.removeValue(forKey: descriptor)?.file else { return }
        if file.lockHolder == descriptor { file.lockHolder = nil }
        file.references -= 1
        release(file)
    }

    mutating func create() -> SimulatedFile {
        let file = SimulatedFile()
        files.append(file)
        return file
    }

    /// The file that the kernel makes up for who asks which boot this is.
    func bootIdentity() -> SimulatedFile {
        let digits = hexadecimal(UInt64(bootNumber), digits: 32)
        return SimulatedFile(Array("\(digits)\n".utf8), isOfKernel: true)
    }

    mutating func unname(_ file: SimulatedFile) {
        file.isNamed = false
        release(file)
    }

    private mutating func release(_ file: SimulatedFile) {
        guard !file.isNamed, file.references == 0 else { return }
        files.removeAll { $0 === file }
    }

    mutating func map(_ file: SimulatedFile) -> Memory {
        let memory = file.map()
        mapped[UInt(bitPattern: memory.start)] = Mapped(memory: memory, file: file)
        return memory
    }

    mutating func unmap(_ start: UInt) {
        guard let mapped = mapped.removeValue(forKey: start) else { return }
        mapped.file.unmap(mapped.memory)
        release(mapped.file)
    }

    /// Makes `file` longer as far as there is room; whether it is as long as asked for.
    ///
    /// Without room it may grow by a part: ext4 leaves what it found.
    mutating func grow(_ file: SimulatedFile, to size: Int) -> Bool {
        guard size > file.size else { return true }
        let free = capacity - usedBlocks
        guard SimulatedFile.blocks(size) - file.blocks > free else {
            file.resize(to: size)
            return true
        }
        counts.noSpace += 1
        let reached = (file.blocks + max(0, free)) * SimulatedFile.blockSize
        if Bool.random(using: &random), reached > file.size { file.resize(to: reached) }
        return false
    }

    // MARK: Ends

    mutating func die() {
        guard !isDead else { return }
        isDead = true
        callsUntilDeath = nil
        descriptors = [:]
        for file in files { file.detach() }
        files.removeAll { !$0.isNamed }
    }

    mutating func losePower() {
        names.losePower(&random)
        let named = names.files(below: "").map(\.file)
        for file in named {
            file.losePower(&random)
            file.isNamed = true
        }
        files = named
        bootNumber += 1
    }

    mutating func rot(below path: String) -> Bool {
        let files = names.files(below: path).map(\.file).filter { $0.size > 0 }
        guard let file = files.randomElement(using: &random) else { return false }
        counts.flippedBits += 1
        file.flip(
            bit: Int.random(in: 0..<8, using: &random), at: Int.random(in: 0..<file.size, using: &random))
        return true
    }
}

extension SystemError {
    static let noSpace = SystemError(number: ENOSPC)
    static let badDescriptor = SystemError(number: EBADF)
    static let exists = SystemError(number: EEXIST)
}
