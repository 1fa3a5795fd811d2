// SPDX-License-Identifier: Apache-2.0

internal import CASModel

extension UploadRegistry {
    /// An upload, open or parked.
    struct Upload {
        let key: UploadKey
        let generation: UInt64
        var place: Place
        var receivedBytes: Int

        /// The ticket of the opening that has it; nil when it is parked.
        var openTicket: UploadTicket? {
            place.isParked ? nil : UploadTicket(key: key, generation: generation)
        }

        /// The content, unless an opening has taken it out.
        var content: Kept? {
            switch place {
            case .resting(let content): content
            case .takenOut: nil
            case .parked(let content, since: _): content
            }
        }
    }

    /// Where the content of an upload is.
    enum Place {
        /// Here, of an open upload; nil as long as nothing was appended.
        case resting(Kept?)
        /// With the opening, which appends to it.
        case takenOut
        /// Here, for an opening that may come.
        case parked(Kept, since: Instant)

        var isTakenOut: Bool {
            switch self {
            case .takenOut: true
            case .resting, .parked: false
            }
        }

        var isParked: Bool {
            switch self {
            case .parked: true
            case .resting, .takenOut: false
            }
        }

        /// The content of an open upload, which is with the caller from now on.
        mutating func takeOut() -> Kept? {
            guard case .resting(let content) = self else {
                preconditionFailure("an opening is used by one task at a time")
            }
            self = .takenOut
            return content
        }
    }
}
