package dev.grain.service.http;

import dev.grain.key.ServerKey;
import java.util.Optional;

/**
 * Where a head serves HTTP.
 *
 * @param host the address to listen on, such as {@code 127.0.0.1}
 * @param port 0 for any that is free
 * @param tls by what it proves itself by HTTPS; if it is empty, HTTP without TLS is served, which
 *     is only for a proxy on the same machine that speaks HTTPS
 */
public record HttpSettings(String host, int port, Optional<ServerKey> tls) {}
