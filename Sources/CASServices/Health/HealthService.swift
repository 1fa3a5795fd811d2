// SPDX-License-Identifier: Apache-2.0

internal import CoreGRPC
internal import RemoteAPI
internal import SwiftProtobuf

/// Answers `grpc.health.v1` from a ``HealthBoard``; open to all callers (PROTOCOL.md §8).
struct HealthService: Sendable {
    let board: HealthBoard

    func register(in table: inout MethodTable) {
        table.add(HealthMethods.check, admitting: { _ in }) { request, _ in
            guard let status = board.status(of: request.service) else { throw UnknownHealthService() }
            return HealthCheckResponse(status)
        }
        table.add(HealthMethods.list, admitting: { _ in }) { _, _ in
            HealthListResponse.with { $0.statuses = board.statuses.mapValues { HealthCheckResponse($0) } }
        }
        table.add(HealthMethods.watch, admitting: { _ in }) { request, responses, _ in
            for await status in board.watch(request.service) {
                try await responses.send(HealthCheckResponse(status))
            }
            try Task.checkCancellation()
            throw HealthBoard.Closed()
        }
    }
}

/// The health of a service was asked for that does not exist.
struct UnknownHealthService: Error {
    let sentence = "There is no service of that name."
}

extension HealthCheckResponse {
    fileprivate init(_ status: HealthBoard.Status?) {
        self.init()
        self.status =
            switch status {
            case .serving: .serving
            case .notServing: .notServing
            case nil: .serviceUnknown
            }
    }
}
