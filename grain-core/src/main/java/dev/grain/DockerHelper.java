package dev.grain;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A credential helper of Docker: a program that is given an address and prints a login. What it
 * prints stays in memory.
 */
final class DockerHelper {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");
  private static final int MOST_BYTES = 256 * 1024;
  private static final int LONGEST_REASON = 200;

  /** By which a helper says that it has none; a part of the protocol. */
  private static final String NOT_FOUND = "credentials not found";

  private final String name;
  private final UnaryOperator<@Nullable String> environment;

  /**
   * Makes a helper.
   *
   * @param name what comes after {@code docker-credential-} in the name of the program
   * @param environment returns the value of an environment variable, for the path
   */
  DockerHelper(String name, UnaryOperator<@Nullable String> environment) {
    this.name = name;
    this.environment = environment;
  }

  /**
   * Asks the helper. An interrupt ends it.
   *
   * @param address the registry
   * @return empty if it has no login for it
   */
  Optional<Secret.Value> get(String address) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(program().toString(), "get")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      CompletableFuture<byte[]> output = new CompletableFuture<>();
      Thread.ofPlatform()
          .daemon()
          .name("grain-secret-helper")
          .start(() -> readInto(process, output));
      try (OutputStream in = process.getOutputStream()) {
        in.write(address.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // it has not read it, and says why
      }
      String said = new String(output.get(), StandardCharsets.UTF_8).strip();
      return process.waitFor() == 0 ? Optional.of(login(said)) : refusal(said);
    } catch (ExecutionException e) {
      throw new IOException("the output of %s could not be read".formatted(fullName()));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static void readInto(Process process, CompletableFuture<byte[]> output) {
    try (InputStream out = process.getInputStream()) {
      output.complete(out.readNBytes(MOST_BYTES));
    } catch (IOException e) {
      output.completeExceptionally(e);
    }
  }

  private String fullName() {
    return "docker-credential-" + name;
  }

  private Path program() throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IOException(
          "\"%s\" in the configuration of Docker is no name of a credential helper"
              .formatted(name));
    }
    String path = environment.apply("PATH");
    for (String folder : (path == null ? "" : path).split(Pattern.quote(File.pathSeparator), -1)) {
      for (String ending : new String[] {"", ".exe"}) {
        Path program = at(folder, fullName() + ending);
        if (program != null && Files.isRegularFile(program) && Files.isExecutable(program)) {
          return program;
        }
      }
    }
    throw new IOException(
        "the configuration of Docker asks for the program %s, which is not on the path"
            .formatted(fullName()));
  }

  private static @Nullable Path at(String folder, String file) {
    try {
      return folder.isEmpty() ? null : Path.of(folder, file).toAbsolutePath();
    } catch (InvalidPathException e) {
      return null;
    }
  }

  private Secret.Value login(String said) throws IOException {
    try {
      Map<?, ?> login = Json.read(said.getBytes(StandardCharsets.UTF_8), Map.class);
      if (login != null
          && login.get("Username") instanceof String user
          && login.get("Secret") instanceof String secret
          && !secret.isEmpty()) {
        return new Secret.Value.Password(user, secret);
      }
    } catch (EncodingException e) {
      // said below; its message could quote the secret
    }
    throw new IOException(
        "%s did not print a JSON object with \"Username\" and \"Secret\"".formatted(fullName()));
  }

  private Optional<Secret.Value> refusal(String said) throws IOException {
    if (said.toLowerCase(Locale.ROOT).contains(NOT_FOUND)) {
      return Optional.empty();
    }
    String reason = said.lines().findFirst().orElse("it printed nothing");
    throw new IOException(
        "%s failed: %s"
            .formatted(fullName(), reason.substring(0, Math.min(reason.length(), LONGEST_REASON))));
  }
}
