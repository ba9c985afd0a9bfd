package dev.grain.client;

import java.time.Instant;

/**
 * A user of a head.
 *
 * @param role {@code read} sees its own jobs, {@code submit} also submits and changes them, {@code
 *     admin} sees and changes everything
 */
public record HeadUser(String name, String role, Instant created) {}
