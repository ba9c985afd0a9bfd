package dev.grain.client;

import dev.grain.client.Answer.UnexpectedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The file with the head that a user has logged in to. */
final class LoginFile {
  private static final String NAME = "login.json";
  private static final String URL = "url";
  private static final String FINGERPRINT = "fingerprint";
  private static final String TOKEN = "token";

  private final Path path;

  LoginFile(Map<String, String> variables) {
    this.path = new UserFolders(variables).config().resolve(NAME);
  }

  /**
   * Returns the head; empty if there is no file.
   *
   * @throws IllegalStateException if it cannot be read, can be read by others, or is damaged
   */
  Optional<HeadLocation> read() {
    if (Files.notExists(path)) {
      return Optional.empty();
    }
    try {
      Answer file = Answer.parse(new PrivateFile(path).read().getBytes(StandardCharsets.UTF_8));
      HeadLocation head = HeadLocation.of(file.text(URL)).withToken(file.text(TOKEN));
      return Optional.of(file.maybeText(FINGERPRINT).map(head::withFingerprint).orElse(head));
    } catch (UnexpectedException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "The file %s is damaged: %s. Log in again by 'grain login URL', or remove it by 'grain logout'."
              .formatted(path, e.getMessage()),
          e);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Writes the file. */
  void write(HeadLocation head) {
    Map<String, String> members = new LinkedHashMap<>();
    members.put(URL, head.url().toString());
    head.fingerprint().ifPresent(fingerprint -> members.put(FINGERPRINT, fingerprint));
    members.put(
        TOKEN,
        head.token()
            .orElseThrow(() -> new IllegalStateException("There is no token for " + head.url())));
    try {
      new PrivateFile(path).write(JsonText.writePretty(members) + "\n");
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /** Removes the file, and returns the address in it, if it had one. */
  Optional<String> remove() {
    if (Files.notExists(path)) {
      return Optional.empty();
    }
    String url = path.toString();
    try {
      Answer file = Answer.parse(Files.readAllBytes(path));
      url = file.maybeText(URL).orElse(url);
    } catch (UnexpectedException e) {
      // it is removed all the same
    } catch (IOException e) {
      throw unusable(e);
    }
    try {
      Files.deleteIfExists(path);
      return Optional.of(url);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private IllegalStateException unusable(IOException e) {
    return new IllegalStateException(
        "The file %s cannot be used: %s".formatted(path, e.getMessage()), e);
  }
}
