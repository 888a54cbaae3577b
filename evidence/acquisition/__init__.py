"""Making images: a device or a file into E01 or raw, and folders into a hashed container."""

from evidence.acquisition.acquire import acquire as acquire
from evidence.acquisition.begun import Begun as Begun
from evidence.acquisition.begun import begun as begun
from evidence.acquisition.devices import Device as Device
from evidence.acquisition.devices import can_list_devices as can_list_devices
from evidence.acquisition.devices import list_devices as list_devices
from evidence.acquisition.folders import FolderAcquisition as FolderAcquisition
from evidence.acquisition.folders import acquire_folders as acquire_folders
from evidence.acquisition.folders import left_over as left_over
from evidence.acquisition.identity import SourceIdentity as SourceIdentity
from evidence.acquisition.identity import System as System
from evidence.acquisition.planning import Plan as Plan
from evidence.acquisition.planning import plan as plan
from evidence.acquisition.settings import Acquisition as Acquisition
from evidence.acquisition.settings import BadRegion as BadRegion
from evidence.acquisition.settings import Compression as Compression
from evidence.acquisition.settings import Format as Format
from evidence.acquisition.settings import Labels as Labels
from evidence.acquisition.settings import Settings as Settings
