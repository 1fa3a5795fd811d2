// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

let warnings: [SwiftSetting] =
    Context.environment["CASEMATE_WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)]
let settings: [SwiftSetting] =
    [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + warnings

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let sqliteLibrary = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqliteC = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "casemate",
    products: [
        .executable(name: "casemate", targets: ["casemate"]),
        .library(name: "CASClient", targets: ["CASClient"]),
        .library(name: "CASTesting", targets: ["CASTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(name: "CGRPC", providers: [.apt(["libgrpc-dev"])]),
        .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"])]),
        library("Bytes", []),
        library("CoreGRPC", ["Bytes", "CGRPC"]),
        library("CASModel", ["Bytes", "CCrypto"]),
        library("CASStore", ["Bytes", "CASModel"]),
        library("CASDisk", ["Bytes", "CASModel", "CASStore", "CXXHash", sqlite, sqliteC, logging]),
        library("RemoteAPI", ["Bytes", "CASModel", "CoreGRPC", protobuf]),
        library(
            "CASServices", ["Bytes", "CASModel", "CASStore", "CoreGRPC", "RemoteAPI", logging, protobuf]),
        library("CASServer", ["CASDisk", "CASServices", "CASStore", "CoreGRPC", lifecycle, logging]),
        library("CASClient", ["Bytes", "CASModel", "CoreGRPC", "RemoteAPI", protobuf]),
        library("CASTesting", ["Bytes", "CASModel", "CASStore"]),
        .executableTarget(
            name: "casemate",
            dependencies: [
                "Bytes", "CASClient", "CASDisk", "CASModel", "CASServer", "CASStore", "CMalloc", "CoreGRPC",
                "RemoteAPI", arguments, lifecycle, logging, signals, sqlite, sqliteLibrary,
            ],
            swiftSettings: settings),
        tests("BytesTests", ["Bytes", "CASTesting"]),
        tests("CASModelTests", ["Bytes", "CASModel", "CASTesting"]),
        tests("CoreGRPCTests", ["Bytes", "CoreGRPC"]),
        tests("RemoteAPITests", ["Bytes", "CASModel", "CoreGRPC", "RemoteAPI", protobuf]),
        tests("CASStoreTests", ["Bytes", "CASModel", "CASStore", "CASTesting"]),
        tests("CASDiskTests", ["Bytes", "CASDisk", "CASModel", "CASStore", "CASTesting", logging, sqlite]),
        tests(
            "CASServicesTests",
            ["Bytes", "CASModel", "CASServices", "CASStore", "CoreGRPC", "RemoteAPI", logging, protobuf]),
        tests(
            "CASClientTests",
            [
                "Bytes", "CASClient", "CASModel", "CASServices", "CASStore", "CASTesting", "CoreGRPC",
                "RemoteAPI",
                logging, protobuf,
            ]),
        tests("FaultTests", ["Bytes", "CASDisk", "CASModel", "CASStore", "CASTesting", logging]),
        tests(
            "IntegrationTests", ["Bytes", "CASModel", "CASTesting", "CoreGRPC", "RemoteAPI", protobuf]),
    ],
    swiftLanguageModes: [.v6]
)
