// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore
import CASTesting
import Foundation
import Testing

@testable import CASDisk

struct OpeningTests {
    private static func sentence(_ body: () throws -> DiskStore) -> String {
        do {
            _ = try body()
            return "it opened"
        } catch let error as StoreError {
            #expect(error.code == .unusable)
            return error.sentence
        } catch {
            return "\(error)"
        }
    }

    @Test func `a second opening is refused and told which process has the store`() async throws {
        let test = try TestStore()
        try await test.using { _ in
            #expect(Self.sentence { try test.open() }.contains("in use by the process \(getpid())"))
        }
        try await test.using { _ in }
    }

    @Test func `a directory that is not a store is refused and left as it is`() throws {
        let test = try TestStore()
        try FileManager.default.createDirectory(
            atPath: test.configuration.root, withIntermediateDirectories: false)
        let file = test.directory.path("store/thesis.txt")
        try Data("years of work".utf8).write(to: URL(fileURLWithPath: file))
        #expect(Self.sentence { try test.open() }.contains("not empty: it holds “thesis.txt”"))
        #expect(try test.directory.files(in: "store") == [file])
    }

    @Test func `an unknown format is refused and left as it is`() async throws {
        let test = try TestStore()
        try await test.using { _ in }
        let format = test.directory.path("store/FORMAT")
        let known = try String(contentsOfFile: format, encoding: .utf8)
        try Data("casemate-store 2\nsomething new\n".utf8).write(to: URL(fileURLWithPath: format))
        let sentence = Self.sentence { try test.open() }
        #expect(sentence.contains("“casemate-store 2”") && sentence.contains("“casemate-store 1”"))
        try Data(known.utf8).write(to: URL(fileURLWithPath: format))
        try await test.using { _ in }
    }

    @Test func `a root that cannot be made says which part of it`() throws {
        var test = try TestStore()
        let file = test.directory.path("file")
        try Data().write(to: URL(fileURLWithPath: file))
        test.configuration.root = "\(file)/below"
        let sentence = Self.sentence { try test.open() }
        #expect(sentence.contains("\(file)/below") && sentence.contains("Not a directory"))
    }

    @Test func `a setting that is wrong is named`() throws {
        #expect(
            Self.sentence { try TestStore { $0.largeBlobSize = 2 << 20 }.open() }.contains("large blob size"))
        #expect(Self.sentence { try TestStore { $0.maximumSize = 0 }.open() }.contains("maximum size"))
        #expect(Self.sentence { try TestStore { $0.segmentSize = -1 }.open() }.contains("segment size"))
    }

    @Test func `a store that died while it was made can be made again`() async throws {
        let test = try TestStore()
        try FileManager.default.createDirectory(
            atPath: test.configuration.root, withIntermediateDirectories: false)
        for name in ["LOCK", "FORMAT.new"] {
            try Data("42".utf8).write(to: URL(fileURLWithPath: test.directory.path("store/\(name)")))
        }
        try await test.using { _ in }
    }

    @Test func `closing twice is closing once`() throws {
        let store = try TestStore().open()
        store.close()
        store.close()
    }
}
