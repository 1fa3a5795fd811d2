// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import CASModel
internal import CASStore
internal import CoreGRPC
internal import RemoteAPI
internal import SwiftProtobuf

/// Keeps the results of actions (PROTOCOL.md §5).
struct ActionCacheService: Sendable {
    let results: any ActionResultStore
    let blobs: any BlobStore
    let completeness: TreeCompleteness
    let limits: ServiceLimits
    let offering: Offering

    private let codec = MessageCodec<ActionResult>.protobuf

    init(
        results: any ActionResultStore, blobs: any BlobStore, completeness: TreeCompleteness,
        limits: ServiceLimits,
        offering: Offering
    ) {
        self.results = results
        self.blobs = blobs
        self.completeness = completeness
        self.limits = limits
        self.offering = offering
    }

    func register(in table: inout MethodTable, _ access: some AccessPolicy) {
        table.add(ActionCacheMethods.getActionResult, admitting: access.requiring(.read)) { request, _ in
            try await getActionResult(request)
        }
        table.add(ActionCacheMethods.updateActionResult, admitting: access.requiring(.push)) { request, _ in
            try await updateActionResult(request)
        }
    }

    private func getActionResult(_ request: GetActionResultRequest) async throws -> ActionResult {
        let key = ActionKey(
            instance: try InstanceName(request.instanceName),
            action: try offering.digest(request.actionDigest, request.digestFunction))
        guard let bytes = try await results.actionResult(key) else {
            throw StoreError(.notFound, "There is no result of the action \(key.action).")
        }
        let result = try codec.decode(ByteChain(bytes))
        let content = try ActionResultContent(of: result, key.action.function)
        guard try await isWhole(content) else {
            throw StoreError(
                .notFound, "Some of what the result of the action \(key.action) names is not here.")
        }
        let inlining = ActionResultInlining(
            of: content, in: result, asked: request, room: limits.maximumInlinedResultSize - bytes.count)
        guard !inlining.wanted.isEmpty else { return result }
        return inlining.apply(await blobs.readWhole(inlining.wanted), to: result)
    }

    private func updateActionResult(_ request: UpdateActionResultRequest) async throws -> ActionResult {
        let key = ActionKey(
            instance: try InstanceName(request.instanceName),
            action: try offering.digest(request.actionDigest, request.digestFunction))
        guard request.hasActionResult else { throw MalformedValue("Expected an action result, found none.") }
        _ = try ActionResultContent(of: request.actionResult, key.action.function)
        try await results.updateActionResult(key, to: try codec.encode(request.actionResult).joined())
        return request.actionResult
    }

    private func isWhole(_ content: ActionResultContent) async throws -> Bool {
        guard try await completeness.arePresent(content.blobs) else { return false }
        for tree in content.trees {
            guard try await completeness.isWhole(tree: tree) else { return false }
        }
        for root in content.roots {
            guard try await completeness.isWhole(root) else { return false }
        }
        return true
    }
}
