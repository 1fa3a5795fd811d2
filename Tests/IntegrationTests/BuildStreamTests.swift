// SPDX-License-Identifier: Apache-2.0

import Testing

/// What users of BuildStream 1 rely on, each with the real client and the real server.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct BuildStreamTests {
    @Test(arguments: BuildStreamVersion.allCases)
    func `BuildStream pulls back bit for bit what it pushed`(_ version: BuildStreamVersion) async throws {
        try await BuildStreamSession.run(version) { session, _ in
            try await session.serve()
            try await session.pushEverything()
            try await session.pullEverything()
            try await session.stopServer()
        }
    }

    @Test(arguments: BuildStreamVersion.allCases)
    func `BuildStream pushes nothing that it pushed before`(_ version: BuildStreamVersion) async throws {
        try await BuildStreamSession.run(version) { session, _ in
            try await session.serve()
            try await session.pushEverything()
            try await session.pushNothing()
        }
    }

    @Test(arguments: BuildStreamVersion.allCases)
    func `a server with --no-push tells BuildStream so, and lets it pull`(
        _ version: BuildStreamVersion
    ) async throws {
        try await BuildStreamSession.run(version) { session, _ in
            try await session.serve()
            try await session.pushEverything()
            try await session.stopServer()

            try await session.serve("--no-push")
            let refused = try await session.push()
            try #require(refused.status != .exited(0))
            try #require(refused.output.contains("does not allow push"), "\(refused.output)")
            try await session.stopServer()

            // A client that is configured to push gives up a remote that forbids it, for pulling too.
            try await session.serve("--no-push", push: false)
            try await session.pullEverything()
        }
    }

    @Test(arguments: BuildStreamVersion.allCases)
    func `BuildStream pulls what was imported from its repository`(
        _ version: BuildStreamVersion
    ) async throws {
        try await BuildStreamSession.run(version) { session, _ in
            let said = try await session.importArtifacts()
            // A reference for each artifact, and one more for an artifact that goes by two keys.
            try #require(
                said.first.contains(/imported [1-9]\d+ blobs, .* [45] references\n/), "\(said.first)")
            try #require(said.second.hasPrefix("imported 0 blobs, 0 bytes; "), "\(said.second)")
            try await session.serve()
            try await session.pushNothing()
            try await session.pullEverything()
            try await session.stopServer()
        }
    }

    @Test(arguments: BuildStreamVersion.allCases)
    func `artifacts outlive a server that is stopped`(_ version: BuildStreamVersion) async throws {
        try await BuildStreamSession.run(version) { session, _ in
            try await session.serve()
            try await session.pushEverything()
            try await session.stopServer()
            try await session.serve()
            try await session.pushNothing()
            try await session.pullEverything()
        }
    }

    @Test(arguments: BuildStreamVersion.allCases)
    func `artifacts outlive a server that is killed`(_ version: BuildStreamVersion) async throws {
        try await BuildStreamSession.run(version) { session, _ in
            try await session.serve()
            try await session.pushEverything()
            try session.killServer()
            try await session.serve()
            try await session.pullEverything()
        }
    }

    @Test(arguments: BuildStreamVersion.allCases)
    func `a push that a killed server cut short can be done again`(
        _ version: BuildStreamVersion
    ) async throws {
        try await BuildStreamSession.run(version) { session, random in
            try await session.serve()
            try await session.killServer(whilePushing: .milliseconds(.random(in: 300...900, using: &random)))
            try await session.serve()
            try await session.push().succeeded()
            try await session.pullEverything()
        }
    }
}
