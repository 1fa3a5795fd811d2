// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import RemoteAPI

/// Checks that the messages of a write follow each other (PROTOCOL.md W1–W5).
struct WriteSequence {
    private let name: String
    /// Where the next message must begin.
    private(set) var offset: Int

    /// A sequence that `first` starts; it is still to be taken.
    init(startingWith first: WriteRequest) throws(MalformedValue) {
        guard first.writeOffset >= 0 else {
            throw MalformedValue("Expected a write offset of 0 or more, found \(first.writeOffset).")
        }
        name = first.resourceName
        offset = Int(first.writeOffset)
    }

    /// Takes the next message.
    mutating func take(_ request: WriteRequest) throws(MalformedValue) {
        guard request.resourceName.isEmpty || request.resourceName == name else {
            throw MalformedValue("The resource name changed in the middle of a write.")
        }
        guard request.writeOffset == Int64(offset) else {
            throw MalformedValue("Expected the write offset \(offset), found \(request.writeOffset).")
        }
        let (end, isTooLong) = offset.addingReportingOverflow(request.data.count)
        guard !isTooLong else { throw MalformedValue("The write offset \(offset) is past any blob.") }
        offset = end
    }

    static let pastTheEnd = MalformedValue("A write request came after the one that finished the write.")
    static let unfinished = MalformedValue("The write ended without a request that finishes it.")
}
