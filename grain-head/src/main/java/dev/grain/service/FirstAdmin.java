package dev.grain.service;

import dev.grain.service.store.By;
import dev.grain.service.store.Role;
import dev.grain.service.store.Store;
import dev.grain.service.store.Tokens;
import dev.grain.service.store.Tokens.Token;
import dev.grain.service.store.Users;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The user who makes the others: a new head has one, whose token is in a file that only the user of
 * the head can read.
 */
final class FirstAdmin {
  /** The file in the data folder. */
  static final String FILE = "admin.token";

  private static final String NAME = "admin";
  private static final String LABEL = "first";

  private FirstAdmin() {}

  /**
   * Makes the token, unless there is one, or an admin has used another.
   *
   * @throws IOException if its file cannot be written
   */
  static void ensure(Store store, Path data, Instant now) throws IOException {
    Path file = data.resolve(FILE);
    if (Files.exists(file)) {
      return;
    }
    By by = new By("head", now);
    Optional<String> text = store.write(handle -> make(handle, by)).join();
    if (text.isPresent()) {
      write(file, text.get() + "\n");
    }
  }

  /** Returns the text of a token; empty if an admin has one that was used. */
  private static Optional<String> make(Handle handle, By by) {
    Tokens tokens = new Tokens(handle);
    List<String> admins = admins(handle, by);
    for (Token each : tokens.list(Optional.empty())) {
      if (!admins.contains(each.owner())) {
        continue;
      }
      if (!each.label().equals(LABEL) || each.used().isPresent()) {
        return Optional.empty();
      }
      // the head was killed before it could write the file
      tokens.revoke(each.number(), Optional.empty(), by);
    }
    return Optional.of(tokens.create(admins.getFirst(), LABEL, Optional.empty(), by));
  }

  /**
   * Makes a token when those of all admins are lost; the one that was made so before is revoked.
   *
   * @return its file
   * @throws IOException if the file cannot be written
   */
  static Path reset(Store store, Path data, Instant now) throws IOException {
    Path file = data.resolve(FILE);
    By by = new By("head", now);
    String text =
        store
            .write(handle -> {
              Tokens tokens = new Tokens(handle);
              List<String> admins = admins(handle, by);
              for (Token each : tokens.list(Optional.of(admins.getFirst()))) {
                if (each.label().equals(LABEL)) {
                  tokens.revoke(each.number(), Optional.empty(), by);
                }
              }
              return tokens.create(admins.getFirst(), LABEL, Optional.empty(), by);
            })
            .join();
    write(file, text + "\n");
    return file;
  }

  /** Returns the admins, of which there is one at least. */
  private static List<String> admins(Handle handle, By by) {
    Users users = new Users(handle);
    List<String> admins =
        users.list().stream()
            .filter(user -> user.role() == Role.ADMIN)
            .map(Users.User::name)
            .toList();
    if (admins.isEmpty()) {
      users.add(NAME, Role.ADMIN, by);
      return List.of(NAME);
    }
    return admins;
  }

  private static void write(Path file, String text) throws IOException {
    Path beside = file.resolveSibling(FILE + ".new");
    Files.deleteIfExists(beside);
    boolean posix = beside.getFileSystem().supportedFileAttributeViews().contains("posix");
    FileAttribute<?>[] attributes =
        posix
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    Files.createFile(beside, attributes);
    Files.write(beside, text.getBytes(StandardCharsets.UTF_8));
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
