// SPDX-License-Identifier: Apache-2.0

public import CASStore
public import CoreGRPC
public import Logging
internal import RemoteAPI

/// The services of a cache over its stores: makes the table of rpcs that a server offers.
///
/// Give ``CoreGRPC/RPCStatus/ofServiceError(_:)`` to the server with it.
public struct CacheServices: Sendable {
    /// Where blobs are kept.
    public var blobs: any BlobStore
    /// Where references are kept.
    public var references: any ReferenceStore
    /// Where action results are kept.
    public var results: any ActionResultStore
    /// What callers may do.
    public var access: any AccessPolicy
    /// How much is taken and given at once.
    public var limits: ServiceLimits
    /// Told of failures that clients see no details of.
    public var logger: Logger

    /// Services over these parts.
    public init(
        blobs: any BlobStore, references: any ReferenceStore, results: any ActionResultStore,
        access: any AccessPolicy, limits: ServiceLimits = ServiceLimits(), logger: Logger
    ) {
        self.blobs = blobs
        self.references = references
        self.results = results
        self.access = access
        self.limits = limits
        self.logger = logger
    }

    /// The full names of the services, besides the health service.
    public static let names = [
        ByteStreamMethods.service, ContentAddressableStorageMethods.service, CapabilitiesMethods.service,
        ActionCacheMethods.service, ReferenceStorageMethods.service,
    ]

    /// The rpcs of all services; the health service answers from `health`.
    public func methods(health: HealthBoard) -> MethodTable {
        let offering = Offering()
        let completeness = TreeCompleteness(of: blobs, limits.trees)
        var table = MethodTable()
        ByteStreamService(blobs: blobs, limits: limits, offering: offering).register(in: &table, access)
        ContentAddressableStorageService(blobs: blobs, limits: limits, offering: offering) { [logger] error in
            logger.error("An entry of a batch failed.", metadata: ["error": "\(error)"])
        }.register(in: &table, access)
        CapabilitiesService(limits: limits, offering: offering).register(in: &table, access)
        ActionCacheService(
            results: results, blobs: blobs, completeness: completeness, limits: limits, offering: offering
        ).register(in: &table, access)
        ReferenceStorageService(references: references, completeness: completeness, offering: offering)
            .register(in: &table, access)
        HealthService(board: health).register(in: &table)
        return table
    }
}
