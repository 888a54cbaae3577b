"""The key of an encrypted lab folder, for those that read and write in it."""

from chain_of_custody.store_key import StoreKey as StoreKey
