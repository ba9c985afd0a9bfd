/**
 * What a shared head keeps: tables in a file of SQLite, or in PostgreSQL.
 *
 * <p>{@link dev.grain.service.store.Store} opens the database, brings its tables up to date, and
 * has one thread that writes. It makes one transaction of all changes that have come meanwhile, and
 * tells their callers after the commit. Whoever reads does so on its own thread.
 *
 * <p>Statements are methods of small classes over a handle, such as {@code store.write(handle ->
 * new Jobs(handle).cancel(number, by))}. They are the same for all databases. Each change that
 * somebody asks for adds its line of {@link dev.grain.service.store.Audit} in its transaction.
 * Lists follow indexes only, and go on by {@link dev.grain.service.store.Position}s.
 */
@NullMarked
package dev.grain.service.store;

import org.jspecify.annotations.NullMarked;
