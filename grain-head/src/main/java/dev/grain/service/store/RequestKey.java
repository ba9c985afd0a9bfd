package dev.grain.service.store;

/**
 * A key of the client's choice, by which its user's submission is recognized when it is made again.
 *
 * @param digest a digest of all that was asked for, which is the same when it is asked for again
 */
public record RequestKey(String text, String digest) {}
