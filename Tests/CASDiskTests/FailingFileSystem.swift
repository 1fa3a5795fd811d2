// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

@testable import CASDisk

/// The file system of the machine, with failures at calls of a test's choice.
final class FailingFileSystem: FileSystem {
    /// What fails.
    enum Fault {
        /// One call, counted from 0.
        case once(Int, SystemError)
        /// That call and every later one: as far as the disk sees, the process has died. Not with an error that
        /// says that bytes cannot be read back: who is dead drops no blob for it.
        case death(Int)
        /// All that would allocate or write.
        case full
        /// All that would change anything, as of a disk that the system took out of use.
        case readOnly
        /// None, but at one call, counted from 0, something else happens first.
        case meanwhile(Int, @Sendable () -> Void)
    }

    private struct State {
        var fault: Fault?
        var calls = 0
        var synced: [String] = []
        var freeSpace: Int?
    }

    private let system = OperatingSystem()
    private let state = Mutex(State())
    private let paths = Mutex<[Int32: String]>([:])
    private let syncs = NSCondition()
    private let areSyncsHeld = Atomic(false)
    private let heldSyncs = Atomic(0)
    private let syncError = Mutex<SystemError?>(nil)

    /// How many calls there were since the fault was set.
    var calls: Int { state.withLock { $0.calls } }

    /// The files and directories that were synced since the fault was set.
    var synced: [String] { state.withLock { $0.synced } }

    /// Lets syncs wait until they may go on.
    func holdSyncs(_ isHeld: Bool) {
        syncs.lock()
        areSyncsHeld.store(isHeld, ordering: .relaxed)
        syncs.broadcast()
        syncs.unlock()
    }

    /// Whether a sync waits.
    var isHoldingSync: Bool { heldSyncs.load(ordering: .relaxed) > 0 }

    /// Lets every sync fail, or none.
    func failSyncs(with error: SystemError?) {
        syncError.withLock { $0 = error }
    }

    private func passSync(of path: String) throws(SystemError) {
        try pass()
        syncs.lock()
        heldSyncs.wrappingAdd(1, ordering: .relaxed)
        while areSyncsHeld.load(ordering: .relaxed) { syncs.wait() }
        heldSyncs.wrappingSubtract(1, ordering: .relaxed)
        syncs.unlock()
        if let error = syncError.withLock({ $0 }) { throw error }
        state.withLock { $0.synced.append(path) }
    }

    func set(_ fault: Fault?) {
        state.withLock { ($0.fault, $0.calls, $0.synced) = (fault, 0, []) }
    }

    /// Lets so many bytes be free, whatever the machine has.
    func set(freeSpace: Int) {
        state.withLock { $0.freeSpace = freeSpace }
    }

    private func pass(writing: Bool = false, changing: Bool = false) throws(SystemError) {
        let (call, fault) = state.withLock { state in
            defer { state.calls += 1 }
            return (state.calls, state.fault)
        }
        let error: SystemError? =
            switch fault {
            case .once(let chosen, let error): call == chosen ? error : nil
            case .death(let first): call >= first ? SystemError(number: ESHUTDOWN) : nil
            case .full: writing ? SystemError(number: ENOSPC) : nil
            case .readOnly: writing || changing ? SystemError(number: EROFS) : nil
            case .meanwhile, nil: nil
            }
        if case .meanwhile(let chosen, let body) = fault, call == chosen {
            // What the body holds, often the store on this very file system, goes with it.
            state.withLock { $0.fault = nil }
            body()
        }
        if let error { throw error }
    }

    func open(_ path: String, flags: Int32) throws(SystemError) -> Int32 {
        try pass(changing: flags & (O_WRONLY | O_RDWR) != 0)
        let descriptor = try system.open(path, flags: flags)
        paths.withLock { $0[descriptor] = path }
        return descriptor
    }

    func close(_ descriptor: Int32) { system.close(descriptor) }

    func read(
        _ descriptor: Int32, into room: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        try pass()
        return try system.read(descriptor, into: room, at: offset)
    }

    func write(
        _ descriptor: Int32, _ parts: UnsafeBufferPointer<iovec>, at offset: Int
    ) throws(SystemError) -> Int {
        do throws(SystemError) {
            try pass(writing: true)
        } catch {
            // A write that fails may have written something.
            guard var part = parts.first, part.iov_len > 40 else { throw error }
            part.iov_len /= 2
            _ = withUnsafePointer(to: part) { half in
                try? system.write(descriptor, UnsafeBufferPointer(start: half, count: 1), at: offset)
            }
            throw error
        }
        // Not more than some bytes at a time, so that what is short is gone on with.
        guard let part = parts.first, parts.count > 1 || part.iov_len > 1 << 20 else {
            return try system.write(descriptor, parts, at: offset)
        }
        return try system.write(descriptor, UnsafeBufferPointer(rebasing: parts.prefix(3)), at: offset)
    }

    func allocate(_ descriptor: Int32, from offset: Int, count: Int) throws(SystemError) {
        try pass(writing: true)
        try system.allocate(descriptor, from: offset, count: count)
    }

    func truncate(_ descriptor: Int32, to size: Int) throws(SystemError) {
        try pass(changing: true)
        try system.truncate(descriptor, to: size)
    }

    func size(_ descriptor: Int32) throws(SystemError) -> Int { try system.size(descriptor) }

    func size(of path: String) throws(SystemError) -> Int { try system.size(of: path) }

    func lock(_ descriptor: Int32) throws(SystemError) -> Bool { try system.lock(descriptor) }

    func map(_ descriptor: Int32, count: Int) throws(SystemError) -> UnsafeMutableRawPointer {
        try pass()
        return try system.map(descriptor, count: count)
    }

    func unmap(_ memory: UnsafeMutableRawPointer, count: Int) { system.unmap(memory, count: count) }

    func rename(_ path: String, to newPath: String) throws(SystemError) {
        try pass(changing: true)
        try system.rename(path, to: newPath)
    }

    func remove(_ path: String) throws(SystemError) {
        try pass(changing: true)
        try system.remove(path)
    }

    func makeDirectory(_ path: String) throws(SystemError) {
        try pass(changing: true)
        try system.makeDirectory(path)
    }

    func sync(_ descriptor: Int32) throws(SystemError) {
        try passSync(of: paths.withLock { $0[descriptor] } ?? "")
        try system.sync(descriptor)
    }

    func syncDirectory(_ path: String) throws(SystemError) {
        try passSync(of: path)
        try system.syncDirectory(path)
    }

    func freeSpace(at path: String) throws(SystemError) -> Int {
        if let free = state.withLock({ $0.freeSpace }) { return free }
        return try system.freeSpace(at: path)
    }

    func capacity(at path: String) throws(SystemError) -> Int { try system.capacity(at: path) }

    func names(in directory: String) throws(SystemError) -> [String] { try system.names(in: directory) }
}
