package dev.grain.wire;

/**
 * The first message on a connection: the dialing side sends a {@link Hello}, the accepting side
 * answers with its own, the welcome, or with a {@link Refusal}.
 *
 * <p>All have the same form, which never changes, so that any two versions can report to each other
 * what is wrong; numbers have their highest byte first:
 *
 * <pre>
 * magic        8 bytes  89 'G' 'R' 'A' 'I' 'N' 0D 0A
 * length       int32    how many bytes follow, 16 to 65,536
 * min version  int32    the lowest version of the protocol that the sender speaks
 * max version  int32    the highest one
 * features     int64    a bit for each optional feature that the sender has
 * fields, as many as fit into the length, in any order:
 *   name       uint8 length, then ASCII
 *   value      int32 length, then bytes
 * </pre>
 *
 * Fields that the receiver does not know are ignored. A greeting with the field {@code refusal} is
 * a refusal.
 */
sealed interface Greeting permits Hello, Refusal {}
