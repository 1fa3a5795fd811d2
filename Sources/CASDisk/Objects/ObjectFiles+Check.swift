// SPDX-License-Identifier: Apache-2.0

import CASStore

extension ObjectFiles {
    /// A file below `objects/`.
    struct Path {
        /// Where it is below `objects/`.
        let text: String
        /// What it is the content of, if its name is one that this store gives.
        let name: ObjectName?
    }

    /// Every file, in order; what stands beside the directories is one too.
    func paths() throws(StoreError) -> [Path] {
        var paths: [Path] = []
        for directory in try files.names(in: files.objects) {
            let names: [String]
            do {
                names = try files.system.names(in: "\(files.objects)/\(directory)").sorted()
            } catch {
                guard error == .notADirectory else {
                    throw .system(error, doing: "list objects/\(directory)")
                }
                paths.append(Path(text: directory, name: nil))
                continue
            }
            for name in names {
                let parsed = ObjectName(name)
                paths.append(
                    Path(text: "\(directory)/\(name)", name: parsed?.directory == directory ? parsed : nil))
            }
        }
        return paths
    }

    /// Removes a file that nothing names, whose bytes may never have been counted; whether it is gone.
    func removeStray(_ path: Path) -> Bool {
        // What cannot be removed, a directory say, stays and is reported as it is.
        (try? files.remove("\(files.objects)/\(path.text)")) != nil
    }

    /// Counts what the files occupy, whatever was counted before.
    func countAnew() throws(StoreError) {
        let names = try paths().compactMap(\.name)
        count(names.reduce(0) { $0 + SpaceLedger.blocks($1.storedSize) })
    }
}
