/**
 * The HTTP interface of a shared head, for people, scripts and the command line.
 *
 * <p>{@link dev.grain.service.http.HttpServer} serves the {@code Route}s, each of which names its
 * method and path, what it takes, and the role that a caller needs. {@code Entrance} lets a request
 * in: it finds out whose token came with it, and refuses what is too much. What a request does is
 * in one class per kind of thing, such as {@code JobRoutes}; these read the store themselves, and
 * change jobs through {@link dev.grain.service.api.JobService}. Whatever cannot be done becomes a
 * {@code Refusal}, which is answered as {@code application/problem+json}.
 */
@NullMarked
package dev.grain.service.http;

import org.jspecify.annotations.NullMarked;
