// SPDX-License-Identifier: Apache-2.0

internal import CASModel
internal import CASStore
internal import CoreGRPC
internal import RemoteAPI
internal import SwiftProtobuf

/// Keeps BuildStream's names for trees (PROTOCOL.md §6).
struct ReferenceStorageService: Sendable {
    let references: any ReferenceStore
    let completeness: TreeCompleteness
    let offering: Offering

    func register(in table: inout MethodTable, _ access: some AccessPolicy) {
        table.add(ReferenceStorageMethods.getReference, admitting: access.requiring(.read)) { request, _ in
            try await getReference(request)
        }
        table.add(ReferenceStorageMethods.updateReference, admitting: access.requiring(.push)) { request, _ in
            try await updateReference(request)
        }
        table.add(ReferenceStorageMethods.status, admitting: access.requiring(.read)) { request, call in
            _ = try InstanceName(request.instanceName)
            let canPush = try access.rights(of: call).contains(.push)
            return StatusResponse.with { $0.allowUpdates = canPush }
        }
    }

    private func getReference(_ request: GetReferenceRequest) async throws -> GetReferenceResponse {
        let instance = try InstanceName(request.instanceName)
        let key = try ReferenceKey(request.key)
        guard let root = try await references.reference(key, in: instance) else {
            throw StoreError(.notFound, "There is no reference \(MalformedValue.quoted(key.text)).")
        }
        guard try await completeness.isWhole(root) else {
            try await references.forgetReference(key, in: instance, naming: root)
            throw StoreError(
                .notFound, "Some of what the reference \(MalformedValue.quoted(key.text)) names is not here.")
        }
        return .with { $0.digest = DigestMessage(root) }
    }

    private func updateReference(_ request: UpdateReferenceRequest) async throws -> UpdateReferenceResponse {
        let instance = try InstanceName(request.instanceName)
        let keys = try request.keys.map { try ReferenceKey($0) }
        let root = try offering.digest(request.digest)
        try await references.updateReferences(keys, in: instance, to: root)
        return UpdateReferenceResponse()
    }
}

extension DigestMessage {
    /// The message of `digest`.
    init(_ digest: Digest) {
        self.init()
        hash = digest.hexadecimal
        sizeBytes = Int64(digest.size)
    }
}
