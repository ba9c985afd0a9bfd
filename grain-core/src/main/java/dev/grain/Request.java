package dev.grain;

/**
 * The request with which a job is submitted: a {@code Resource}, made by the factories of {@code
 * Resources}, or {@code JobOptions}, which hold one and more. Do not implement this interface: no
 * other requests are accepted.
 */
public interface Request {}
