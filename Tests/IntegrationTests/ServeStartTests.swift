// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A server that cannot start ends with 1 and one line that says why.
@Suite struct ServeStartTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func serve(_ arguments: String..., settings: [String: String] = [:]) async throws
        -> CasemateCommand
    {
        let fixed = ["serve", "--listen", "127.0.0.1:0"]
        return try await CasemateCommand.run(fixed + arguments, in: folder.url, settings: settings)
    }

    @Test func `a port that is taken is named`() async throws {
        let first = try await CasemateProcess.start(root: folder.file("a"), log: folder.file("log"))
        try await serve("--root", "b", "--listen", first.address).failed(saying: first.address, "in use")
        #expect(try await first.stop() == .exited(0))
    }

    @Test func `an address that is not of this machine is named`() async throws {
        // TEST-NET-1 (RFC 5737).
        try await serve("--root", "a", "--listen", "192.0.2.1:0").failed(
            saying: "192.0.2.1:0", "cannot assign")
        try await serve("--root", "a", "--listen", "no.such.host.invalid:0").failed(
            saying: "no.such.host.invalid")
    }

    @Test func `a directory that cannot be made or written is named`() async throws {
        try Data().write(to: folder.file("file"))
        try await serve("--root", "file/store").failed(saying: "file/store", "Not a directory")
        try await serve("--root", "file").failed(saying: "file", "Not a directory")
        try await serve("--root", "/proc/casemate").failed(saying: "/proc/casemate")
        try await serve("--root", "/dev/null/store").failed(saying: "/dev/null/store")
    }

    @Test func `a directory that holds something else is left alone`() async throws {
        try Data("mine".utf8).write(to: folder.folder("home").appending(path: "thesis"))
        try await serve("--root", "home").failed(saying: "home", "not a store", "“thesis”")
        #expect(try FolderSnapshot(of: folder.file("home")).paths == ["thesis"])
    }

    @Test(arguments: [
        "casemate-store 99\n", "casemate-store 10\nidentity 1\n", "", "\n\n", "a\tb\u{1B}[31m\u{FF}",
    ])
    func `an unknown FORMAT is refused and left alone`(_ text: String) async throws {
        let format = try folder.folder("store").appending(path: "FORMAT")
        try Data(text.utf8).write(to: format)
        let command = try await serve("--root", "store")
        command.failed(saying: "store", "format", "casemate-store 1")
        #expect(!command.errors.contains("\u{1B}"), "What a terminal takes for orders must not reach it.")
        #expect(try String(contentsOf: format, encoding: .utf8) == text)
    }

    @Test func `a FORMAT that is damaged is refused`() async throws {
        let store = try folder.folder("store")
        for text in ["casemate-store 1\n", "casemate-store 1\nidentity x\n", "casemate-store 1\nidentity \n"]
        {
            try Data(text.utf8).write(to: store.appending(path: "FORMAT"))
            try await serve("--root", "store").failed(saying: "store/FORMAT", "identity")
        }
        try FileManager.default.removeItem(at: store.appending(path: "FORMAT"))
        _ = try folder.folder("store/FORMAT")
        try await serve("--root", "store").failed(saying: "store/FORMAT", "Is a directory")
    }

    @Test func `a store that another process holds is refused with the number of that process`() async throws
    {
        let holder = try await CasemateProcess.start(root: folder.file("store"), log: folder.file("log"))
        try await serve("--root", "store").failed(saying: "store", "in use", "\(holder.identifier)")
        #expect(try await holder.stop() == .exited(0))
        let next = try await CasemateProcess.start(root: folder.file("store"), log: folder.file("log"))
        #expect(try await next.stop() == .exited(0))
    }

    @Test func `an address file that cannot be written is named`() async throws {
        try await serve("--root", "store", "--address-file", "no/such/file")
            .failed(saying: "no/such/file", "No such file")
        try await serve("--root", "store", "--address-file", ".").failed(saying: "the address file .")
        try await serve(
            "--ephemeral", "--address-file", "no/such/file", settings: ["TMPDIR": folder.url.path]
        )
        .failed(saying: "no/such/file")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["store"])
    }

    @Test func `a temporary directory that is not there is named`() async throws {
        try await serve("--ephemeral", settings: ["TMPDIR": "/no/such/folder"])
            .failed(saying: "/no/such/folder", "No such file")
    }
}
