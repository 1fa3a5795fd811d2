// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

extension StoreCheck {
    private static let referencesAtOnce = 1024

    /// The longest blob that is read as a directory; what is longer, the services take for none.
    private static let largestDirectory = 64 << 20

    /// Follows every reference to all that its tree names, each directory once.
    mutating func checkReferences() async throws(StoreError) {
        for damage in try await store.references.damages() {
            find(.records, "records.sqlite", "a sound database", damage, isRepaired: false)
        }
        var whole: Set<IndexKey> = []
        var row = Int64.min
        while true {
            let references = try await store.references.stored(
                after: row, atMost: Self.referencesAtOnce)
            guard let last = references.last else { return }
            for reference in references { try await check(reference, &whole) }
            row = last.row
        }
    }

    private mutating func check(
        _ reference: StoredReference, _ whole: inout Set<IndexKey>
    ) async throws(StoreError) {
        summary.references += 1
        guard let problem = try problem(of: reference, &whole) else { return }
        if repairs { try await store.references.forget(reference) }
        find(.reference, reference.name, "a complete tree", problem, isRepaired: repairs)
    }

    /// What is wrong with the tree of `reference`, or nil; the directories of one that is complete join `whole`.
    private func problem(
        of reference: StoredReference, _ whole: inout Set<IndexKey>
    ) throws(StoreError) -> String? {
        guard let root = reference.digest else { return "a row without a digest" }
        var visited: Set<IndexKey> = [IndexKey(of: root)]
        var pending = [root]
        while let directory = pending.popLast() {
            let key = IndexKey(of: directory)
            guard !whole.contains(key) else { continue }
            switch try content(of: directory) {
            case .failure(let problem): return problem.sentence
            case .success(let content):
                if let missing = content.files.first(where: { !isPresent($0) }) {
                    return "the file \(missing) is missing"
                }
                for child in content.directories where visited.insert(IndexKey(of: child)).inserted {
                    pending.append(child)
                }
            }
        }
        whole.formUnion(visited)
        return nil
    }

    private struct Problem: Error {
        let sentence: String
    }

    private func content(of directory: Digest) throws(StoreError) -> Result<
        DiskStore.DirectoryContent, Problem
    > {
        guard directory.size <= Self.largestDirectory else {
            return .failure(Problem(sentence: "\(directory) is too long for a directory"))
        }
        guard isPresent(directory) else {
            return .failure(Problem(sentence: "the directory \(directory) is missing"))
        }
        let bytes: Bytes
        do {
            bytes = try read(directory)
        } catch {
            switch error {
            case .damaged(let reason):
                return .failure(Problem(sentence: "the directory \(directory) is damaged: \(reason)"))
            case .failed(let failure): throw failure
            }
        }
        do {
            return .success(try readDirectory(bytes, directory.function))
        } catch {
            return .failure(Problem(sentence: "\(directory) is no directory: \(error)"))
        }
    }

    private func isPresent(_ digest: Digest) -> Bool {
        guard !digest.isOfEmptyBlob else { return true }
        let key = IndexKey(of: digest)
        return catalog.index.entry(of: key)?.size == digest.size && !damagedKeys.contains(key)
    }

    private func read(_ digest: Digest) throws(ReadFailure) -> Bytes {
        guard !digest.isOfEmptyBlob else { return Bytes() }
        guard let entry = catalog.index.entry(of: IndexKey(of: digest)) else { throw .damaged("it is gone") }
        switch entry.kind {
        case .blob: return try catalog.content(of: entry)
        case .object: return try ObjectContent(of: entry, in: catalog).readWhole()
        }
    }
}
