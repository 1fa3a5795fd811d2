// SPDX-License-Identifier: Apache-2.0

import CASTesting

/// What a name leads to.
enum Node {
    case file(SimulatedFile)
    case directory(SimulatedDirectory)

    var identity: ObjectIdentifier {
        switch self {
        case .file(let file): ObjectIdentifier(file)
        case .directory(let directory): ObjectIdentifier(directory)
        }
    }
}

/// The names in a directory: as the kernel has them, and as they are on the medium.
final class SimulatedDirectory: @unchecked Sendable {
    // Guarded by the lock of the disk that it is on.
    var entries: [String: Node] = [:]
    var entriesOnMedium: [String: Node] = [:]
}

/// The directories and names of a disk, with the changes that are not on its medium yet.
///
/// A change of two names, which a rename is, reaches the medium as one. It does so after every earlier change
/// of the same name or of what the name leads to; a name never leads to what was not made.
struct NameTree {
    /// How the names of a file system reach the medium.
    enum Discipline: CaseIterable {
        /// In the order of the changes; any sync brings all changes before it (ext4, XFS).
        case journaled
        /// Each for itself; only a sync of its directory brings it. The least that POSIX promises.
        case strict
    }

    /// A name that is put in (`node`) or taken out (nil); `touched` is what it led or leads to.
    struct Step {
        let directory: SimulatedDirectory
        let name: String
        let node: Node?
        let touched: Node
    }

    struct Change {
        let steps: [Step]
    }

    let root = SimulatedDirectory()
    let discipline: Discipline
    private(set) var pending: [Change] = []

    init(_ discipline: Discipline) {
        self.discipline = discipline
    }

    /// The directory that `path` is in, and its name there; nil if there is no such directory.
    func parent(of path: String) -> (directory: SimulatedDirectory, name: String)? {
        let parts = path.split(separator: "/")
        guard let name = parts.last, let parent = directory(parts.dropLast()) else { return nil }
        return (parent, String(name))
    }

    func node(at path: String) -> Node? {
        guard let (directory, name) = parent(of: path) else { return nil }
        return directory.entries[name]
    }

    func directory(at path: String) -> SimulatedDirectory? {
        directory(path.split(separator: "/")[...])
    }

    private func directory(_ parts: ArraySlice<Substring>) -> SimulatedDirectory? {
        var found = root
        for part in parts {
            guard case .directory(let next)? = found.entries[String(part)] else { return nil }
            found = next
        }
        return found
    }

    /// The files below `path`, by their paths.
    func files(below path: String) -> [(path: String, file: SimulatedFile)] {
        guard let directory = directory(at: path) else { return [] }
        return directory.entries.sorted { $0.key < $1.key }.flatMap { name, node in
            switch node {
            case .file(let file): [("\(path)/\(name)", file)]
            case .directory: files(below: "\(path)/\(name)")
            }
        }
    }

    // MARK: Changes

    mutating func put(_ node: Node, in directory: SimulatedDirectory, as name: String) {
        make(Change(steps: [Step(directory: directory, name: name, node: node, touched: node)]))
    }

    mutating func remove(_ name: String, from directory: SimulatedDirectory, _ node: Node) {
        make(Change(steps: [Step(directory: directory, name: name, node: nil, touched: node)]))
    }

    mutating func move(
        _ node: Node, from old: (directory: SimulatedDirectory, name: String),
        to new: (directory: SimulatedDirectory, name: String)
    ) {
        make(
            Change(steps: [
                Step(directory: old.directory, name: old.name, node: nil, touched: node),
                Step(directory: new.directory, name: new.name, node: node, touched: node),
            ]))
    }

    private mutating func make(_ change: Change) {
        for step in change.steps { step.directory.entries[step.name] = step.node }
        pending.append(change)
    }

    // MARK: The medium

    /// A file was synced.
    mutating func syncFile() {
        switch discipline {
        case .journaled: commit { _, _ in true }
        case .strict: break
        }
    }

    mutating func sync(_ directory: SimulatedDirectory) {
        switch discipline {
        case .journaled: commit { _, _ in true }
        case .strict: commit { _, change in change.steps.contains { $0.directory === directory } }
        }
    }

    /// Keeps some of the changes that are not on the medium.
    mutating func losePower(_ random: inout SeededRandom) {
        switch discipline {
        case .journaled:
            let kept = Int.random(in: 0...pending.count, using: &random)
            commit { position, _ in position < kept }
        case .strict:
            let share: Double = [0.0, 0.5, 1.0].randomElement(using: &random) ?? 0
            let chosen = pending.map { _ in Double.random(in: 0..<1, using: &random) < share }
            commit { position, _ in chosen[position] }
        }
        pending = []
        forgetWhatIsNotOnMedium(root)
    }

    private func forgetWhatIsNotOnMedium(_ directory: SimulatedDirectory) {
        directory.entries = directory.entriesOnMedium
        for node in directory.entries.values {
            if case .directory(let child) = node { forgetWhatIsNotOnMedium(child) }
        }
    }

    /// Brings the changes that `isChosen` names to the medium, with those that have to be there before.
    private mutating func commit(_ isChosen: (Int, Change) -> Bool) {
        var names: Set<Name> = []
        var nodes: Set<ObjectIdentifier> = []
        let isCommitted = pending.enumerated().reversed().map { position, change in
            let isNeeded = change.steps.contains {
                names.contains(Name($0)) || nodes.contains($0.touched.identity)
            }
            guard isNeeded || isChosen(position, change) else { return false }
            names.formUnion(change.steps.map(Name.init))
            nodes.formUnion(change.steps.map(\.touched.identity))
            return true
        }.reversed()
        var left: [Change] = []
        for (change, isCommitted) in zip(pending, isCommitted) {
            guard isCommitted else {
                left.append(change)
                continue
            }
            for step in change.steps { step.directory.entriesOnMedium[step.name] = step.node }
        }
        pending = left
    }

    private struct Name: Hashable {
        let directory: ObjectIdentifier
        let name: String

        init(_ step: Step) {
            directory = ObjectIdentifier(step.directory)
            name = step.name
        }
    }
}
