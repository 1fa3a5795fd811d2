// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `casemate store`, on stores that a real server filled.
@Suite(.timeLimit(.minutes(5))) struct StoreCommandTests {
    private struct Statistics: Decodable {
        struct Use: Decodable {
            var total, segments, objects, uploads, index, records: Int
        }
        struct Index: Decodable {
            var entries, slots: Int
        }
        var bytes: Use
        var index: Index
        var blobs, largeBlobs, references, actionResults, segments: Int
        var maximumSize, holder: Int?
        var ending: String
    }

    private func statistics(_ session: StoreSession, _ root: String) async throws -> Statistics {
        let json = try await session.store("stat", root, "--json").succeeded()
        return try JSONDecoder().decode(Statistics.self, from: Data(json.utf8))
    }

    private static func listing(_ folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func `stat tells what is there, beside a running server and after it, and changes nothing`()
        async throws
    {
        let session = try await StoreSession(seed: 1, arguments: "--max-size", "3G")
        let root = session.folder.file("s")
        let closed = try Self.listing(root)
        let after = try await statistics(session, "s")
        #expect(after.ending == "clean" && after.holder == nil && after.maximumSize == 3 << 30)
        #expect(after.references == 2 && after.blobs >= 3 && after.segments >= 1 && after.largeBlobs >= 1)
        #expect(after.index.entries == after.blobs && after.index.slots > after.blobs)
        let (use, total) = (after.bytes, after.bytes.total)
        #expect(total == use.segments + use.objects + use.uploads + use.index + use.records)
        #expect(try Self.listing(root) == closed)

        let server = try await CasemateProcess.start(root: root, log: session.folder.file("again"))
        let during = try await statistics(session, "s")
        #expect(during.ending == "open" && during.holder == Int(server.identifier))
        #expect(during.references == 2 && during.blobs == after.blobs && during.maximumSize == nil)
        let table = try await session.store("stat", "s").succeeded()
        for line in ["in use by the process \(server.identifier)", "references      2", "  large blobs"] {
            #expect(table.contains(line), "\(table)")
        }
        server.kill()
        _ = try await server.exit()
        let killed = try await statistics(session, "s")
        #expect(killed.ending == "killed" && killed.references == 2 && killed.blobs == after.blobs)
    }

    @Test func `commands that need the store for themselves say who holds it`() async throws {
        let session = try await StoreSession(seed: 2)
        let server = try await CasemateProcess.start(
            root: session.folder.file("s"), log: session.folder.file("again"))
        for arguments in [["check"], ["compact"], ["export", "app/1", "x.tar"], ["import", "y.tar"]] {
            if arguments[0] == "import" { try await session.shell("printf '' >y.tar") }
            let command = ["store", arguments[0], "--root", "s"] + arguments.dropFirst()
            let result = try await CasemateCommand.run(command, in: session.folder.url)
            guard arguments[0] != "import" else {
                result.failed(saying: "no tar archive", "y.tar")
                continue
            }
            result.failed(saying: "in use by the process \(server.identifier)")
        }
        #expect(try await server.stop() == .exited(0))
    }

    @Test func `a store that is not there is not made by looking for it`() async throws {
        let folder = try TemporaryFolder()
        for arguments in [["stat"], ["check"], ["compact"], ["export", "r", "x.tar"]] {
            let command = ["store", arguments[0], "--root", "none"] + arguments.dropFirst()
            try await CasemateCommand.run(command, in: folder.url).failed(saying: "no store at none")
        }
        #expect(try FolderSnapshot(of: folder.url).paths == [])
    }

    @Test func `check names what is wrong, and with --repair drops it`() async throws {
        let session = try await StoreSession(seed: 3)
        try await session.expectSound("s")
        let object = try #require(
            Self.listing(session.folder.file("s/objects")).first { $0.contains("-\(3 << 20 + 17)-") })
        try await session.shell("printf X | dd of=s/objects/\(object) bs=1 seek=2000000 conv=notrunc")

        let found = try await session.store("check", "s")
        #expect(found.status == .exited(1))
        let lines = found.output.split(separator: "\n")
        #expect(lines.count == 4 && lines[0].hasPrefix("large blob: segments/00000001.seg at "), "\(found)")
        #expect(lines[1].hasPrefix("reference: app/") && lines[2].hasPrefix("reference: app/"), "\(found)")
        #expect(
            found.errors
                == "casemate: The store s is not sound: 3 things wrong. With --repair what is wrong is dropped.\n"
        )

        let json = try await session.store("check", "s", "--json")
        #expect(json.status == .exited(1))
        let objects = try json.output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.count == 4 && objects[0]["what"] as? String == "large blob", "\(json)")
        #expect((objects[3]["summary"] as? [String: Any])?["findings"] as? Int == 3, "\(json)")

        let repaired = try await session.store("check", "s", "--repair").succeeded()
        #expect(repaired.hasSuffix("3 things wrong, 3 repaired\n"), "\(repaired)")
        try await session.expectSound("s")
        let server = try await CasemateProcess.start(
            root: session.folder.file("s"), log: session.folder.file("again"))
        let pushed = try await session.run("push", "--remote", "grpc://\(server.address)", "t", "app/1")
            .succeeded()
        #expect(pushed.contains("uploaded 1 blob, 3.0 MiB"), "\(pushed)")
        #expect(try await server.stop() == .exited(0))
        try await session.expectTree("s", "app/1")
    }

    @Test func `compact gives back what dead records occupy`() async throws {
        let session = try await StoreSession(seed: 4)
        let before = try await statistics(session, "s")
        let object = try #require(
            Self.listing(session.folder.file("s/objects")).first { $0.contains("-\(3 << 20 + 17)-") })
        // The repaired blob leaves a dead record, and its file is dead once it is dropped by a server.
        try await session.shell("printf X | dd of=s/objects/\(object) bs=1 seek=5 conv=notrunc")
        let server = try await CasemateProcess.start(
            root: session.folder.file("s"), log: session.folder.file("again"))
        let remote = "grpc://\(server.address)"
        try await session.run("pull", "--remote", remote, "app/1", "x").failed(
            saying: "does not have the file")
        try await session.run("push", "--remote", remote, "t", "app/1").succeeded()
        #expect(try await server.stop() == .exited(0))
        #expect(try await statistics(session, "s").bytes.objects > before.bytes.objects)

        let said = try await session.store("compact", "s").succeeded()
        #expect(said.contains("removed 1 dead file"), "\(said)")
        let after = try await statistics(session, "s")
        #expect(after.bytes.objects == before.bytes.objects && after.blobs == before.blobs)
        #expect(after.bytes.total <= before.bytes.total)
        try await session.expectSound("s")
        try await session.expectTree("s", "app/1")
    }

    @Test func `an archive brings references back in another store, as often as one likes`() async throws {
        let session = try await StoreSession(seed: 5)
        let said = try await session.store("export", "s", "app/2", "app/1", "x.tar").succeeded()
        #expect(said.hasPrefix("exported 2 references, "))
        let first = try await session.store("import", "new", "x.tar").succeeded()
        #expect(first.hasPrefix("imported ") && first.hasSuffix("; 1 were there; 2 references\n"), "\(first)")
        let second = try await session.store("import", "new", "x.tar").succeeded()
        #expect(
            second.hasPrefix("imported 0 blobs, 0 bytes; ") && second.hasSuffix("2 references\n"), "\(second)"
        )
        try await session.expectSound("new")
        try await session.expectTree("new", "app/1")
        try await session.expectTree("new", "app/2")
        try await session.store("export", "new", "app/2", "app/1", "y.tar").succeeded()
        try await session.shell("cmp x.tar y.tar")
    }

    @Test func `an archive goes through pipes, and into another instance`() async throws {
        let session = try await StoreSession(seed: 6)
        let casemate = try CasemateProcess.executable().path
        let said = try await session.shell(
            "\(casemate) store export --root s app/1 - | gzip | gzip -d | \(casemate) store import --root new --instance a/b -"
        )
        #expect(said.contains("exported 1 reference, ") && said.contains("; 1 reference\n"), "\(said)")
        try await session.expectTree("new", "app/1", instance: "a/b")
        try await session.store("export", "new", "--instance", "a/b", "app/1", "x.tar").succeeded()
        try await session.store("import", "third", "x.tar").succeeded()
        try await session.expectTree("third", "app/1", instance: "a/b")
    }

    @Test func `GNU tar lists and extracts an archive, and one that it packed again is taken`() async throws {
        let session = try await StoreSession(seed: 7)
        try await session.store("export", "s", "app/1", "x.tar").succeeded()
        let names = try await session.shell("tar tf x.tar").split(separator: "\n")
        #expect(names.first == "casemate-archive" && names.last == "references")
        let blobs = names.dropFirst().dropLast()
        #expect(Set(blobs).count == blobs.count)
        #expect(blobs.allSatisfy { $0.wholeMatch(of: /blobs\/sha256\/([0-9a-f]{2})\/\1[0-9a-f]{62}/) != nil })
        // Every blob is what its name says, by another program's count.
        try await session.shell(
            """
            mkdir u && tar xf x.tar -C u && cd u && find blobs -type f | while read -r f; do
                [ "$(sha256sum <"$f")" = "$(basename "$f")  -" ] || exit 1
            done
            """)
        for (number, command) in [
            "--format=gnu -cf ../1.tar .", "--format=pax -cf ../2.tar blobs casemate-archive references",
            "--format=v7 -cf ../3.tar references casemate-archive blobs",
            "--format=posix --sort=name -cf ../4.tar .",
        ].enumerated() {
            try await session.shell("cd u && tar \(command)")
            try await session.store("import", "new\(number)", "\(number + 1).tar").succeeded()
            try await session.expectTree("new\(number)", "app/1")
        }
    }

    @Test func `an archive that is cut off keeps what was whole and sets no reference`() async throws {
        let session = try await StoreSession(seed: 8)
        try await session.store("export", "s", "app/1", "x.tar").succeeded()
        let size = try #require(
            try FileManager.default.attributesOfItem(atPath: session.folder.file("x.tar").path)[.size] as? Int
        )
        for (number, kept) in [600, 1500, size / 2, size - 1400].enumerated() {
            try await session.shell("head -c \(kept) x.tar >cut.tar")
            try await session.store("import", "cut\(number)", "cut.tar").failed(saying: "cut.tar is cut off")
            try await session.expectSound("cut\(number)")
            #expect(try await statistics(session, "cut\(number)").references == 0)
        }
        // With the rest it is whole.
        try await session.store("import", "cut2", "x.tar").succeeded()
        try await session.expectTree("cut2", "app/1")
    }

    @Test func `wrong blobs and references without their trees are passed over and reported`() async throws {
        let session = try await StoreSession(seed: 9)
        try await session.store("export", "s", "app/1", "app/2", "x.tar").succeeded()
        try await session.shell(
            "mkdir u && tar xf x.tar -C u && cd u && f=$(find blobs -type f -size 3073k) && printf X | dd of=$f bs=1 seek=9 conv=notrunc 2>/dev/null && tar cf ../bad.tar *"
        )
        let result = try await session.store("import", "new", "bad.tar")
        #expect(result.status == .exited(1))
        #expect(result.errors == "casemate: 3 things could not be imported; the rest is in the store.\n")
        let lines = result.output.split(separator: "\n")
        #expect(lines.count == 4 && lines[0].contains("Expected content with the digest"), "\(result)")
        #expect(
            lines[1].contains("reference “app/1”: the blob") && lines[2].contains("reference “app/2”"),
            "\(result)")
        try await session.expectSound("new")
    }

    @Test func `what is no archive is refused, and leaves nothing behind`() async throws {
        let session = try await StoreSession(seed: 10)
        let cases: [(make: String, says: String)] = [
            ("head -c 20000 /dev/urandom >bad.tar", "wrong checksum"),
            ("printf text >bad.tar", "no tar archive"),
            (": >bad.tar", "no tar archive"), ("mkdir -p e && tar cf bad.tar -T /dev/null", "is empty"),
            ("tar cf bad.tar t/one", "“t/one”"), ("tar cf bad.tar -P $PWD/t/one", "t/one"),
            ("tar cf bad.tar --transform=s,.*,../up, t/one", "“../up”"),
            ("tar cf bad.tar --transform=s,.*,blobs/sha256/00/$(printf 0%.0s {1..63}), t/one", "neither"),
            ("ln -s one t/link; tar cf bad.tar t/link", "neither a file nor a directory"),
            (
                "printf 'casemate-archive 2\\n' >casemate-archive; tar cf bad.tar casemate-archive",
                "casemate-archive 2"
            ),
        ]
        for (make, says) in cases {
            try await session.shell("rm -rf new; \(make)")
            try await session.store("import", "new", "bad.tar").failed(saying: says)
            if !make.contains("archive 2") {
                #expect(!FileManager.default.fileExists(atPath: session.folder.file("new").path), "\(make)")
            }
        }
        try await session.store("import", "new", "absent.tar").failed(saying: "Cannot open absent.tar")
    }

    @Test func `an export of what is not there leaves no file`() async throws {
        let session = try await StoreSession(seed: 11)
        let before = try Set(FileManager.default.contentsOfDirectory(atPath: session.folder.url.path))
        try await session.store("export", "s", "app/1", "nope", "x.tar").failed(saying: "“nope”")
        try await session.store("export", "s", "app/1", "none/x.tar").failed(saying: "none/x.tar")
        #expect(try Set(FileManager.default.contentsOfDirectory(atPath: session.folder.url.path)) == before)
    }

    @Test func `a wrong command line ends with 2`() async throws {
        let folder = try TemporaryFolder()
        func store(_ arguments: String...) async throws -> CasemateCommand {
            try await CasemateCommand.run(["store"] + arguments, in: folder.url)
        }
        for command in ["stat", "check", "compact", "import", "export"] {
            try await store(command, "--frobnicate").refused()
            try await store(command, "--root", "", "a", "b").refused()
            let help = try await store(command, "--help").succeeded()
            #expect(help.contains("casemate store \(command)") && help.contains("--root"))
        }
        try await store("export", "only.tar").refused(saying: "references")
        try await store("export", "../up", "x.tar").refused(saying: "“../up”")
        try await store("import").refused(saying: "--from-buildstream")
        try await store("import", "a", "--from-buildstream", "b").refused(saying: "--from-buildstream")
        try await store("import", "--instance", "a//b", "x").refused(saying: "“a//b”")
        #expect(try FolderSnapshot(of: folder.url).paths == [])
    }
}
