// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The file system of the machine.
struct OperatingSystem: FileSystem {
    func open(_ path: String, flags: Int32) throws(SystemError) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .last }
        return descriptor
    }

    func close(_ descriptor: Int32) {
        _ = Glibc.close(descriptor)
    }

    func read(
        _ descriptor: Int32, into room: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(SystemError) -> Int {
        let count = pread(descriptor, room.baseAddress, room.count, offset)
        guard count >= 0 else { throw .last }
        return count
    }

    func write(
        _ descriptor: Int32, _ parts: UnsafeBufferPointer<iovec>, at offset: Int
    ) throws(SystemError) -> Int {
        let count = pwritev(descriptor, parts.baseAddress, Int32(parts.count), offset)
        guard count >= 0 else { throw .last }
        return count
    }

    func allocate(_ descriptor: Int32, from offset: Int, count: Int) throws(SystemError) {
        // Where the file system cannot allocate, glibc writes to every block instead, which is as good.
        let number = posix_fallocate(descriptor, offset, count)
        guard number == 0 else { throw SystemError(number: number) }
    }

    func truncate(_ descriptor: Int32, to size: Int) throws(SystemError) {
        guard ftruncate(descriptor, size) == 0 else { throw .last }
    }

    func size(_ descriptor: Int32) throws(SystemError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last }
        return Int(status.st_size)
    }

    func size(of path: String) throws(SystemError) -> Int {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .last }
        return Int(status.st_size)
    }

    func lock(_ descriptor: Int32) throws(SystemError) -> Bool {
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return true }
        guard errno == EWOULDBLOCK else { throw .last }
        return false
    }

    func map(_ descriptor: Int32, count: Int) throws(SystemError) -> UnsafeMutableRawPointer {
        let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory, memory != MAP_FAILED else { throw .last }
        return memory
    }

    func unmap(_ memory: UnsafeMutableRawPointer, count: Int) {
        munmap(memory, count)
    }

    func rename(_ path: String, to newPath: String) throws(SystemError) {
        guard Glibc.rename(path, newPath) == 0 else { throw .last }
    }

    func remove(_ path: String) throws(SystemError) {
        guard unlink(path) == 0 else { throw .last }
    }

    func makeDirectory(_ path: String) throws(SystemError) {
        guard mkdir(path, 0o777) == 0 else { throw .last }
    }

    func sync(_ descriptor: Int32) throws(SystemError) {
        guard fdatasync(descriptor) == 0 else { throw .last }
    }

    func syncDirectory(_ path: String) throws(SystemError) {
        let descriptor = try open(path, flags: O_RDONLY | O_DIRECTORY)
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .last }
    }

    func freeSpace(at path: String) throws(SystemError) -> Int {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw .last }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }

    func capacity(at path: String) throws(SystemError) -> Int {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw .last }
        return Int(status.f_blocks) * Int(status.f_frsize)
    }

    func names(in directory: String) throws(SystemError) -> [String] {
        guard let stream = opendir(directory) else { throw .last }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw .last }
                return names
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }
}
