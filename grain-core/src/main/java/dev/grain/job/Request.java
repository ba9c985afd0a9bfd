package dev.grain.job;

/**
 * What a job asks for when it is submitted: a {@code Resource}, made by the factories of {@code
 * Resources}, or {@code JobOptions}, which hold one and more. There are no others: implementing
 * this interface makes nothing that a job can be submitted with.
 */
public interface Request {}
