"""Why a picture or a still of a video cannot be shown: the shapes of what errors say, as parts of a sentence."""

DAMAGED = "it is damaged ({error})"
HEIC = "it is HEIC, which this version does not decode"
NO_FORMAT = "it is of no format that this version decodes, or its beginning is damaged"
TOO_MANY_PIXELS = "it has {width} x {height} pixels, more than {most}"
TOO_LARGE = "it is larger than {size} MiB"
PICTURES = (DAMAGED, HEIC, NO_FORMAT, TOO_MANY_PIXELS, TOO_LARGE)

NO_END = "its end is missing"
NO_SENSE = "from some place on its compressed data make no sense"
SOME_NO_SENSE = "some of its compressed data make no sense; from there on what is shown may be wrong"
WRONG_CHECKSUM = "the checksum of its part {part} at byte {at} is wrong"
UPPER_BITS = "of the 16 bits of each sample the upper 8 are shown"
EVEN_GREY = "every value is {value}; an even grey stands for it"
WRONG_CHECKSUM_AND_MORE = WRONG_CHECKSUM + ", and {more} more"
SCALED = "its brightness is scaled: the value {low} is shown black, {high} white"
SCALED_INVERTED = "its brightness is scaled: the value {low} is shown white, {high} black"
NOT_FINITE = "what is no finite number is shown as the least"
TURNED = (
    "turned as its EXIF says (orientation {value}): {width} x {height} pixels as stored, {across} x {down} as shown"
)
REMARKS = (
    NO_END, NO_SENSE, SOME_NO_SENSE, WRONG_CHECKSUM_AND_MORE, WRONG_CHECKSUM, UPPER_BITS, EVEN_GREY, SCALED,
    SCALED_INVERTED, NOT_FINITE, TURNED,
)  # fmt: skip
"""How it is damaged, and how what is shown differs from what is stored."""

NO_CONTAINER = "it begins as no container of videos that this version decodes"
NO_TRACK = "it holds no track of moving pictures"
NO_CODEC = "its pictures are encoded as {codec}, which this version does not decode"
NOT_OPENED = "it cannot be opened as {container}: it is damaged, or cut off before what tells of its tracks"
TOO_LONG = "decoding it took too long"
NO_FRAME = "no frame of it could be decoded; it is damaged, cut off or of an unknown kind"
NO_DECODER = (
    "the decoder of this program (Qt Multimedia with FFmpeg) could not be loaded; nothing is known of the video itself"
)
NOT_LOADED = "what decodes videos cannot be loaded on this computer ({error})"
VIDEOS = (NO_CONTAINER, NO_TRACK, NO_CODEC, NOT_OPENED, TOO_LONG, NO_FRAME, NO_DECODER, NOT_LOADED)
