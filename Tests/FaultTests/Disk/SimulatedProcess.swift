// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

@testable import CASDisk

/// The system calls of a process on a simulated disk; after its end every one fails.
struct SimulatedProcess: FileSystem {
    private let disk: SimulatedDisk
    private let life: Int

    init(on disk: SimulatedDisk, life: Int) {
        self.disk = disk
        self.life = life
    }

    /// Lets `body` do a call that does all or nothing, unless it fails.
    private func call<Result: Sendable>(
        _ call: DiskCall, _ body: (inout DiskState) throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        try disk.state.withLock { (state) throws(SystemError) in
            switch state.judge(call, by: life) {
            case .proceed, .shorten: return try body(&state)
            case .fail(let error): throw error
            }
        }
    }

    // MARK: Descriptors

    func open(_ path: String, flags: Int32) throws(SystemError) -> Int32 {
        try call(.open) { (state) throws(SystemError) in
            guard path != SimulatedDisk.bootIdentityPath else {
                return state.descriptor(of: state.bootIdentity())
            }
            guard let (parent, name) = state.names.parent(of: path) else { throw .notThere }
            switch parent.entries[name] {
            case .file(let file):
                guard flags & O_EXCL == 0 else { throw .exists }
                return state.descriptor(of: file)
            case .directory:
                throw SystemError(number: EISDIR)
            case nil:
                guard flags & O_CREAT != 0 else { throw .notThere }
                let file = state.create()
                state.names.put(.file(file), in: parent, as: name)
                return state.descriptor(of: file)
            }
        }
    }

    func close(_ descriptor: Int32) {
        disk.state.withLock { $0.close(descriptor) }
    }

    func read(
        _ descriptor: Int32, into room: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        try disk.state.withLock { (state) throws(SystemError) in
            let file = state.descriptors[descriptor]?.file
            let verdict = state.judge(file?.isOfKernel == true ? .readOfKernel : .read, by: life)
            guard let file else { throw .badDescriptor }
            switch verdict {
            case .proceed:
                return file.read(into: room, at: offset)
            case .shorten:
                let count = Int.random(in: 1...max(1, room.count), using: &state.random)
                return file.read(
                    into: UnsafeMutableRawBufferPointer(rebasing: room[..<min(count, room.count)]), at: offset
                )
            case .fail(let error):
                throw error
            }
        }
    }

    func write(
        _ descriptor: Int32, _ parts: UnsafeBufferPointer<iovec>, at offset: Int
    ) throws(SystemError) -> Int {
        try disk.state.withLock { (state) throws(SystemError) in
            let file = state.descriptors[descriptor]?.file
            let verdict = state.judge(.write, by: life)
            guard let file else { throw .badDescriptor }
            let total = parts.reduce(0) { $0 + $1.iov_len }
            switch verdict {
            case .proceed:
                return try state.write(parts, total, to: file, at: offset)
            case .shorten:
                let count = Int.random(in: 1...max(1, total), using: &state.random)
                return try state.write(parts, min(count, total), to: file, at: offset)
            case .fail(let error):
                // A signal interrupts before anything is written, a failure or a death in the middle.
                guard error.number != EINTR else { throw error }
                let count = Int.random(in: 0...total, using: &state.random)
                _ = try state.write(parts, count, to: file, at: offset)
                throw error
            }
        }
    }

    func allocate(_ descriptor: Int32, from offset: Int, count: Int) throws(SystemError) {
        try call(.allocate) { (state) throws(SystemError) in
            let file = try state.file(descriptor)
            guard state.grow(file, to: offset + count) else { throw .noSpace }
        }
    }

    func truncate(_ descriptor: Int32, to size: Int) throws(SystemError) {
        try call(.metadata) { (state) throws(SystemError) in try state.file(descriptor).resize(to: size) }
    }

    func size(_ descriptor: Int32) throws(SystemError) -> Int {
        try call(.list) { (state) throws(SystemError) in try state.file(descriptor).size }
    }

    func size(of path: String) throws(SystemError) -> Int {
        try call(.list) { (state) throws(SystemError) in
            guard case .file(let file)? = state.names.node(at: path) else { throw .notThere }
            return file.size
        }
    }

    func lock(_ descriptor: Int32) throws(SystemError) -> Bool {
        try call(.metadata) { (state) throws(SystemError) in
            let file = try state.file(descriptor)
            guard file.lockHolder == nil || file.lockHolder == descriptor else { return false }
            file.lockHolder = descriptor
            return true
        }
    }

    func map(_ descriptor: Int32, count: Int) throws(SystemError) -> UnsafeMutableRawPointer {
        try call(.metadata) { (state) throws(SystemError) in
            let file = try state.file(descriptor)
            precondition(count <= file.size, "memory without blocks under it ends the process")
            return state.map(file)
        }.start
    }

    func unmap(_ memory: UnsafeMutableRawPointer, count: Int) {
        let start = UInt(bitPattern: memory)
        disk.state.withLock { $0.unmap(start) }
    }

    func sync(_ descriptor: Int32) throws(SystemError) {
        try disk.state.withLock { (state) throws(SystemError) in
            let file = state.descriptors[descriptor]?.file
            switch state.judge(.sync, by: life) {
            case .proceed, .shorten:
                guard let file else { throw .badDescriptor }
                file.sync()
                state.names.syncFile()
            case .fail(let error):
                guard error.number != EINTR, !state.isDead else { throw error }
                file?.forgetUnsynced(fromCache: Bool.random(using: &state.random), &state.random)
                throw error
            }
        }
    }

    // MARK: Names

    func rename(_ path: String, to newPath: String) throws(SystemError) {
        try call(.metadata) { (state) throws(SystemError) in
            guard let old = state.names.parent(of: path), let new = state.names.parent(of: newPath),
                let node = old.directory.entries[old.name]
            else { throw .notThere }
            let replaced = new.directory.entries[new.name]
            state.names.move(node, from: old, to: new)
            if case .file(let file)? = replaced { state.unname(file) }
        }
    }

    func remove(_ path: String) throws(SystemError) {
        try call(.metadata) { (state) throws(SystemError) in
            guard let (parent, name) = state.names.parent(of: path), let node = parent.entries[name] else {
                throw .notThere
            }
            guard case .file(let file) = node else { throw SystemError(number: EISDIR) }
            state.names.remove(name, from: parent, node)
            state.unname(file)
        }
    }

    func makeDirectory(_ path: String) throws(SystemError) {
        try call(.metadata) { (state) throws(SystemError) in
            guard let (parent, name) = state.names.parent(of: path) else { throw .notThere }
            guard parent.entries[name] == nil else { throw .exists }
            state.names.put(.directory(SimulatedDirectory()), in: parent, as: name)
        }
    }

    func syncDirectory(_ path: String) throws(SystemError) {
        try call(.syncDirectory) { (state) throws(SystemError) in
            guard let directory = state.names.directory(at: path) else { throw .notThere }
            state.names.sync(directory)
        }
    }

    func names(in directory: String) throws(SystemError) -> [String] {
        try call(.list) { (state) throws(SystemError) in
            guard let found = state.names.directory(at: directory) else { throw .notThere }
            return found.entries.keys.sorted()
        }
    }

    func capacity(at path: String) throws(SystemError) -> Int {
        try call(.list) { (state) in state.capacity * SimulatedFile.blockSize }
    }

    func freeSpace(at path: String) throws(SystemError) -> Int {
        try call(.list) { (state) in
            max(0, state.capacity - state.usedBlocks) * SimulatedFile.blockSize
        }
    }
}

extension DiskState {
    /// The file behind a descriptor of the process that runs.
    fileprivate func file(_ descriptor: Int32) throws(SystemError) -> SimulatedFile {
        guard let file = descriptors[descriptor]?.file else { throw .badDescriptor }
        return file
    }

    /// Writes the first `count` bytes of `parts`.
    fileprivate mutating func write(
        _ parts: UnsafeBufferPointer<iovec>, _ count: Int, to file: SimulatedFile, at offset: Int
    ) throws(SystemError) -> Int {
        guard grow(file, to: offset + count) else { throw .noSpace }
        var done = 0
        for part in parts where done < count {
            let length = min(part.iov_len, count - done)
            file.write(UnsafeRawBufferPointer(start: part.iov_base, count: length), at: offset + done)
            done += length
        }
        return done
    }
}
