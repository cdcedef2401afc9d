package chat

// ShortText is the size limit in bytes of messages while the disk is almost full: enough for
// people to talk about the problem, and small enough that the remaining space lasts.
const ShortText = 1000

// MaxJoined is the number of rooms that one connection can join.
const MaxJoined = 100

// MaxEmoji is the number of different emoji with which users can react to one message.
const MaxEmoji = 50

// MaxReactions is the number of reactions to one message, of all users together: they are
// part of each of its events.
const MaxReactions = 1000
