package dev.grain.service.http;

/**
 * Where a head serves HTTP.
 *
 * @param host the address to listen on, such as {@code 127.0.0.1}
 * @param port 0 for any that is free
 */
public record HttpSettings(String host, int port) {}
