// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import RemoteAPI

/// Cuts the directories of a tree into messages, each but the last with a token that goes on after it.
struct TreePages {
    private let resumption: PageToken?
    private let directoriesPerPage: Int
    private let bytesPerPage: Int
    private var sentCount = 0
    private var last: Digest?
    private var page: [ByteChain] = []
    private var pageSize = 0

    /// Pages of the directories after `resumption`, or of all.
    ///
    /// - Parameter directoriesPerPage: the most directories of a page; 0 for as many as fit.
    init(after resumption: PageToken?, directoriesPerPage: Int, bytesPerPage: Int) {
        self.resumption = resumption
        self.directoriesPerPage = directoriesPerPage == 0 ? .max : directoriesPerPage
        self.bytesPerPage = bytesPerPage
    }

    /// Takes the next directory of the walk; returns the page that is full without it.
    ///
    /// - Throws: ``MalformedValue`` when it is not the directory that the token names.
    mutating func add(_ digest: Digest, _ content: Bytes) throws(MalformedValue) -> GetTreeResponse? {
        if let resumption, sentCount < resumption.sentCount {
            sentCount += 1
            guard sentCount < resumption.sentCount || digest == resumption.last else {
                throw PageToken.foreign
            }
            return nil
        }
        let full = isFull(before: content) ? takePage() : nil
        page.append(ByteChain(content))
        pageSize += content.count
        sentCount += 1
        last = digest
        return full
    }

    /// The last page, when the walk has ended.
    ///
    /// - Throws: ``MalformedValue`` when the walk ended before the directory that the token names.
    mutating func end() throws(MalformedValue) -> GetTreeResponse {
        guard sentCount >= resumption?.sentCount ?? 0 else { throw PageToken.foreign }
        return GetTreeResponse(directories: page)
    }

    private func isFull(before content: Bytes) -> Bool {
        !page.isEmpty && (page.count >= directoriesPerPage || pageSize + content.count > bytesPerPage)
    }

    private mutating func takePage() -> GetTreeResponse {
        defer {
            page = []
            pageSize = 0
        }
        let token = last.map { PageToken(sentCount: sentCount, last: $0).text }
        return GetTreeResponse(directories: page, nextPageToken: token ?? "")
    }
}
