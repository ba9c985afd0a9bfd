package dev.grain.service.http;

/**
 * What a request may name behind its path.
 *
 * @param repeated whether there may be several of it
 */
record Parameter(String name, boolean repeated) {}
