package dev.grain.client;

import java.time.Instant;
import java.util.Optional;

/**
 * What a head tells of a token, which is not the token itself.
 *
 * @param number by which it is revoked
 * @param owner the user for whom it acts
 * @param label what it is for
 * @param expires when it stops working; empty for never
 * @param used when it was used last; empty if it never was
 */
public record HeadToken(
    long number,
    String owner,
    String label,
    Instant created,
    Optional<Instant> expires,
    Optional<Instant> used) {}
