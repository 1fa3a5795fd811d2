// SPDX-License-Identifier: Apache-2.0

extension UploadRegistry {
    /// The answer to an opening.
    public enum Opening: Sendable {
        /// It starts with nothing. `ending` is the opening that it supersedes; `dropping` is what was kept, unless that
        /// opening has taken it out.
        case started(UploadTicket, ending: UploadTicket?, dropping: Kept?)
        /// It goes on with the bytes kept. `ending` is the opening that it supersedes.
        case resumed(UploadTicket, ending: UploadTicket?)
        /// The offset is not the number of bytes kept; nothing changed.
        case refused(keptBytes: Int)
        /// The opening before it is appending or finishing just now, so the offset is about to be wrong. One that
        /// appends ends with that; then the upload can be opened at the bytes that are kept.
        case occupied
    }

    /// The answer to an append.
    public enum Append: Sendable {
        /// Append to this content, or make it; it is nil as long as there is none.
        case proceed(Kept?)
        /// The bytes pass the size of the digest; nothing is kept.
        case tooLong(dropping: Kept?)
        /// A newer opening took over, or this one ended.
        case superseded
    }

    /// The answer to content that comes back from an append.
    public enum AppendEnd: Sendable {
        /// It rests here.
        case kept
        /// It rests here, and an opening has come that is to go on with it: park it, this one is superseded.
        case awaited
        /// A newer opening started anew; the content stays with the caller.
        case superseded
    }

    /// The answer to the end of an upload.
    public enum Finish: Sendable {
        /// Check this content and make it visible; it is nil when no byte was taken.
        case proceed(Kept?)
        /// Bytes are missing; nothing is kept.
        case tooShort(receivedBytes: Int, dropping: Kept?)
        /// A newer opening took over, or this one ended.
        case superseded
    }
}

extension UploadRegistry.Opening: Equatable where Kept: Equatable {}
extension UploadRegistry.Append: Equatable where Kept: Equatable {}
extension UploadRegistry.Finish: Equatable where Kept: Equatable {}
