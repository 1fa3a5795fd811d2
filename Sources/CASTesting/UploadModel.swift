// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore

/// Random calls of one task around a few uploads, each answer compared with what a simple model says.
struct UploadModel {
    private let store: any BlobStore
    private var random: SeededRandom
    private var subjects: [Subject] = []
    private var openings: [Opening] = []

    /// An upload with a blob of its own; another takes its place when the blob is there.
    private struct Subject {
        let key: UploadKey
        let content: ByteChain
        var kept = 0
        /// Whether the bytes kept are the first of the content.
        var isRight = true
        var current: Int?
    }

    /// An opening that has not ended by a call of its own.
    private struct Opening {
        let number: Int
        let subject: Int
        let upload: any BlobUpload
    }

    private static let subjectCount = 6
    private var openingNumber = 0
    private var subjectNumber = 0

    init(store: any BlobStore, random: SeededRandom) {
        self.store = store
        self.random = random
        for _ in 0..<Self.subjectCount { subjects.append(newSubject()) }
    }

    mutating func step() async throws {
        switch Int.random(in: 0..<16, using: &random) {
        case 0..<3: try await open()
        case 3..<9: try await append()
        case 9: try await appendTooMuch()
        case 10..<12: try await finish()
        case 12: try await park()
        case 13: try await discard()
        default: leave()
        }
        for subject in subjects { try await check(subject) }
    }

    private func check(_ subject: Subject) async throws {
        let kept = await store.keptBytes(of: subject.key) ?? 0
        try promise(
            kept == subject.kept, "\(kept) bytes are kept, not \(subject.kept), of \(subject.key.digest).")
        let missing = try await store.missing(among: [subject.key.digest])
        try promise(!missing.isEmpty, "\(subject.key.digest) is there before its upload ended.")
    }

    private mutating func newSubject() -> Subject {
        subjectNumber += 1
        let size = [8, 100, 5_000, 70_000, 1 << 20 + 3].randomElement(using: &random)!
        let blob = random.blob(size: size)
        let key = UploadKey(
            instance: .unnamed, identifier: "\(subjectNumber % 2)", digest: blob.digest, compressor: .identity
        )
        return Subject(key: key, content: random.cut(blob.content.joined(), longest: size))
    }

    private mutating func open() async throws {
        let place = subjects.indices.randomElement(using: &random)!
        let subject = subjects[place]
        let offset = [0, subject.kept, Int.random(in: -1...subject.content.count + 1, using: &random)]
            .randomElement(using: &random)!
        guard offset == 0 || offset == subject.kept else {
            return try await mustFail(.mismatch, "opening at \(offset)") { [store] () throws(StoreError) in
                _ = try await store.openUpload(subject.key, at: offset)
            }
        }
        let upload = try await store.openUpload(subject.key, at: offset)
        openingNumber += 1
        openings.append(Opening(number: openingNumber, subject: place, upload: upload))
        subjects[place].current = openingNumber
        if offset == 0 {
            subjects[place].kept = 0
            subjects[place].isRight = true
        }
    }

    private mutating func append() async throws {
        guard let (opening, subject) = anyOpening() else { return }
        let end = Int.random(in: subject.kept...subject.content.count, using: &random)
        let isRight = Int.random(in: 0..<8, using: &random) > 0
        let right = subject.content[subject.kept..<end]
        let piece = isRight ? right : ByteChain(random.bytes(end - subject.kept))
        guard subject.current == opening.number else {
            // One of nothing may succeed, or say so too.
            guard !piece.isEmpty else { return }
            try await mustFail(.superseded, "appending") { () throws(StoreError) in
                try await opening.upload.append(piece)
            }
            return
        }
        try await opening.upload.append(piece)
        subjects[opening.subject].kept = end
        subjects[opening.subject].isRight = subject.isRight && piece == right
        try promise(
            opening.upload.receivedBytes == end,
            "Of \(end) bytes \(opening.upload.receivedBytes) are counted.")
    }

    private mutating func appendTooMuch() async throws {
        guard let (opening, subject) = anyOpening(), subject.current == opening.number else { return }
        let tooMuch = ByteChain(random.bytes(subject.content.count - subject.kept + 1))
        try await mustFail(.mismatch, "appending too much") { () throws(StoreError) in
            try await opening.upload.append(tooMuch)
        }
        end(opening, kept: 0)
    }

    private mutating func finish() async throws {
        guard let (opening, subject) = anyOpening() else { return }
        guard subject.current == opening.number else {
            try await mustFail(.superseded, "ending") { () throws(StoreError) in
                try await opening.upload.finish()
            }
            return end(opening)
        }
        guard subject.kept == subject.content.count, subject.isRight else {
            try await mustFail(.mismatch, "ending") { () throws(StoreError) in
                try await opening.upload.finish()
            }
            return end(opening, kept: 0)
        }
        try await opening.upload.finish()
        try await store.mustHave(WholeBlob(subject.key.digest, subject.content))
        try await store.mustKeepNothing(of: subject.key)
        openings.removeAll { $0.subject == opening.subject }
        subjects[opening.subject] = newSubject()
    }

    private mutating func park() async throws {
        guard let (opening, subject) = anyOpening() else { return }
        await opening.upload.park()
        end(opening, kept: subject.kept)
    }

    private mutating func discard() async throws {
        guard let (opening, _) = anyOpening() else { return }
        await opening.upload.discard()
        end(opening, kept: 0)
    }

    private mutating func leave() {
        guard let (opening, subject) = anyOpening() else { return }
        end(opening, kept: subject.kept)
    }

    private mutating func anyOpening() -> (Opening, Subject)? {
        openings.randomElement(using: &random).map { ($0, subjects[$0.subject]) }
    }

    /// Forgets the opening, and says what is kept if it was the current one.
    private mutating func end(_ opening: Opening, kept: Int = 0) {
        openings.removeAll { $0.number == opening.number }
        guard subjects[opening.subject].current == opening.number else { return }
        subjects[opening.subject].current = nil
        subjects[opening.subject].kept = kept
        if kept == 0 { subjects[opening.subject].isRight = true }
    }
}
