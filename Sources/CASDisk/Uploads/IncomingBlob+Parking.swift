// SPDX-License-Identifier: Apache-2.0

import Bytes
import CASModel
import CASStore

extension IncomingBlob {
    /// Brings everything into files that outlive the process, under the name `key`.
    ///
    /// A large blob keeps what is known of its bytes in memory too, so that it goes on without reading them again.
    /// After a failure it is of no use.
    func park(as key: UploadKey, in parking: UploadParking) throws(StoreError) {
        switch content {
        case .parked: return
        case .small(let chain):
            let object = try IncomingObject(
                size: key.digest.size, objects: parking.objects, space: parking.space)
            for slice in chain.slices { object.take(slice) }
            try object.rest()
            content = .parked(try parking.park(object, as: key), nil)
        case .large(let object):
            try object.rest()
            content = .parked(try parking.park(object, as: key), object)
        }
    }

    /// Makes what was parked ready to take more bytes.
    ///
    /// - Throws: ``StoreError/Code/failed`` when the bytes cannot be read back or are damaged; then it is of no use,
    ///   and its files are gone.
    func resume(from parking: UploadParking) throws(StoreError) {
        guard case .parked(let parked, let object) = content else { return }
        try parking.forget(parked)
        content = .small(ByteChain())
        guard let object else { return content = try recall(parked, from: parking) }
        object.isParked = false
        content = .large(object)
    }

    private func recall(_ parked: ParkedFiles, from parking: UploadParking) throws(StoreError) -> Content {
        let object: IncomingObject
        do throws(StoreError) {
            object = try parking.reopen(parked)
        } catch {
            parking.objects.removeUpload(parked.path, occupying: parked.occupied)
            throw error
        }
        let isSmall = parked.description.key.digest.size < parking.largeBlobSize
        var chain = ByteChain()
        hasher.restart()
        try object.recall(parked.description) { block in
            hasher.update(block)
            if isSmall { chain.append(Bytes(copying: block)) }
        }
        return isSmall ? .small(chain) : .large(object)
    }

    /// Removes the files of a parked one, which stay when only the last reference goes; returns what they occupied.
    func free(from parking: UploadParking) -> Int {
        guard case .parked(let parked, _) = content else { return 0 }
        content = .small(ByteChain())
        parking.remove(parked)
        return parked.occupied + parked.descriptionOccupied
    }
}
