// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CGRPC

/// Slices up to this many bytes are copied into the core; lending one costs about as much as copying that.
private let lendingThreshold = 512

extension grpc_slice {
    /// A slice that lends the memory of `bytes` to the core, or a copy of a small one.
    init(lending bytes: Bytes) {
        self = bytes.withUnsafeBytes { memory in
            let start = UnsafeMutableRawPointer(mutating: memory.baseAddress)
            guard memory.count > lendingThreshold, let owner = bytes.owner else {
                return grpc_slice_from_copied_buffer(start?.assumingMemoryBound(to: CChar.self), memory.count)
            }
            return grpc_slice_new_with_user_data(
                start, memory.count, { Unmanaged<AnyObject>.fromOpaque($0!).release() },
                Unmanaged<AnyObject>.passRetained(owner).toOpaque())
        }
    }

    /// A slice with a copy of the UTF-8 of `text`.
    init(_ text: String) {
        var text = text
        self = text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { grpc_slice_from_copied_buffer($0.baseAddress, $0.count) }
        }
    }

    /// Calls `body` with the bytes of the slice.
    mutating func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        withUnsafePointer(to: &self) { slice in
            body(
                UnsafeRawBufferPointer(
                    start: casemate_slice_start(slice), count: casemate_slice_length(slice)))
        }
    }
}

/// A message on its way out: the core's view of a chain, destroyed when the batch is done.
final class SentMessage {
    let buffer: UnsafeMutablePointer<grpc_byte_buffer>

    init(_ message: ByteChain) {
        let slices = message.slices
        buffer = withUnsafeTemporaryAllocation(of: grpc_slice.self, capacity: max(slices.count, 1)) { room in
            for (position, slice) in slices.enumerated() {
                room.initializeElement(at: position, to: grpc_slice(lending: slice))
            }
            defer { for position in slices.indices { grpc_slice_unref(room[position]) } }
            return grpc_raw_byte_buffer_create(room.baseAddress, slices.count)
        }
    }

    deinit {
        grpc_byte_buffer_destroy(buffer)
    }
}

/// A message that came in: keeps the core's slices as long as somebody holds a part of them.
private final class ReceivedMessage: @unchecked Sendable {
    // The core does not touch a received buffer again; it is read only, until the last holder destroys it.
    private let buffer: UnsafeMutablePointer<grpc_byte_buffer>

    init(_ buffer: UnsafeMutablePointer<grpc_byte_buffer>) {
        self.buffer = buffer
    }

    deinit {
        grpc_byte_buffer_destroy(buffer)
    }

    var slices: [Bytes] {
        (0..<casemate_buffer_slice_count(buffer)).map { position in
            let slice = casemate_buffer_slice(buffer, position)
            let memory = UnsafeRawBufferPointer(
                start: casemate_slice_start(slice), count: casemate_slice_length(slice))
            return Bytes(unsafeMemory: memory, owner: self)
        }
    }
}

extension ByteChain {
    /// The message in `buffer`, which it owns from now on.
    init(owning buffer: UnsafeMutablePointer<grpc_byte_buffer>) {
        self.init(ReceivedMessage(buffer).slices)
    }
}

/// A text on its way out, as a slice at an address that stays.
final class SentText {
    let pointer: UnsafeMutablePointer<grpc_slice>

    init(_ text: String) {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: grpc_slice(text))
    }

    deinit {
        grpc_slice_unref(pointer.pointee)
        pointer.deallocate()
    }
}

/// Metadata on its way out, at an address that stays.
final class SentMetadata {
    let pointer: UnsafeMutablePointer<grpc_metadata>?
    let count: Int

    init(_ metadata: Metadata) {
        count = metadata.entries.count
        guard count > 0 else {
            pointer = nil
            return
        }
        let entries = UnsafeMutablePointer<grpc_metadata>.allocate(capacity: count)
        for (position, entry) in metadata.entries.enumerated() {
            var element = grpc_metadata()
            element.key = grpc_slice(entry.key)
            element.value = grpc_slice(lending: entry.value)
            (entries + position).initialize(to: element)
        }
        pointer = entries
    }

    deinit {
        guard let pointer else { return }
        for position in 0..<count {
            grpc_slice_unref(pointer[position].key)
            grpc_slice_unref(pointer[position].value)
        }
        pointer.deallocate()
    }
}

extension Metadata {
    /// A copy of what the core received.
    init(_ array: grpc_metadata_array) {
        self.init()
        for position in 0..<array.count {
            let key = array.metadata[position].key.withBytes { String(decoding: $0, as: UTF8.self) }
            let value = array.metadata[position].value.withBytes { Bytes(copying: $0) }
            append(key, value)
        }
    }
}

extension UnsafeMutablePointer {
    /// A pointer to a field of the pointee.
    func address<Field>(of field: WritableKeyPath<Pointee, Field>) -> UnsafeMutablePointer<Field> {
        let offset = MemoryLayout<Pointee>.offset(of: field)
        precondition(offset != nil, "not a stored field")
        return (UnsafeMutableRawPointer(self) + offset!).assumingMemoryBound(to: Field.self)
    }
}
