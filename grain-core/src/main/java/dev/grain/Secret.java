package dev.grain;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reference to a secret: it tells where the secret is, and does not contain it. {@link
 * Credentials} tells what it is for. Immutable.
 *
 * <p>The secret is read in the program, at each use, so a secret that has changed is used from then
 * on. Nothing keeps it: it is never written to a disk or a log, and no {@code toString} shows it.
 */
public final class Secret {
  private final SecretSource source;
  private final String description;
  private final Fit fit;

  /** What a secret can be for. */
  enum Fit {
    ANY,
    REGISTRIES,
    GIT_SERVERS
  }

  private Secret(SecretSource source, String description, Fit fit) {
    this.source = source;
    this.description = description;
    this.fit = fit;
  }

  /** What a source has read. No text of it shows the secret. */
  public sealed interface Value permits Value.Password, Value.SshKey {
    /**
     * A user and a password.
     *
     * @param user the user; may be empty where a token is enough; {@code <token>} if the password
     *     is an identity token of a registry, as Docker's credential helpers have it
     * @param password the password, or a token in its place
     */
    record Password(String user, String password) implements Value {
      /** Checks that nothing is null. */
      public Password {
        Objects.requireNonNull(user, "user is null");
        Objects.requireNonNull(password, "password is null");
      }

      /**
       * Returns the user and the password of a text of exactly two lines: the user, and then the
       * password. The last line may end with a line break. Other white space belongs to them.
       *
       * @throws IOException if the text is anything else; the message does not contain the text
       */
      public static Password parse(String text) throws IOException {
        return TwoLines.parse(text);
      }

      /** Returns a text without the password. */
      @Override
      public String toString() {
        return "password of " + user;
      }
    }

    /**
     * A private key for ssh.
     *
     * @param user the user; empty for the user that the URL names
     * @param privateKey the content of its file, in the format of OpenSSH or PEM, without a pass
     *     phrase
     */
    record SshKey(String user, String privateKey) implements Value {
      /** Checks that nothing is null. */
      public SshKey {
        Objects.requireNonNull(user, "user is null");
        Objects.requireNonNull(privateKey, "privateKey is null");
      }

      /**
       * Returns the key of a text: the content of its file, in the format of OpenSSH or PEM. The
       * user is empty.
       *
       * @throws IOException if it is no private key or has a pass phrase; the message does not
       *     contain the text
       */
      public static SshKey parse(String text) throws IOException {
        return SshKeyFile.parse(text);
      }

      /** Returns a text without the key. */
      @Override
      public String toString() {
        return user.isEmpty() ? "ssh key" : "ssh key of " + user;
      }
    }
  }

  /**
   * Returns the user and the password in a file of exactly two lines, the user and then the
   * password, in UTF-8. The last line may end with a line break. Other white space belongs to them.
   *
   * @param path on the machine of the program
   */
  public static Secret file(Path path) {
    Path absolute = path.toAbsolutePath();
    return new Secret(new TwoLines(absolute), "the file " + absolute, Fit.ANY);
  }

  /**
   * Returns the user and the password in two environment variables of the program.
   *
   * @throws IllegalArgumentException if a name is blank
   */
  public static Secret environment(String userVariable, String passwordVariable) {
    ensureName("userVariable", userVariable);
    ensureName("passwordVariable", passwordVariable);
    return new Secret(
        _ ->
            new Value.Password(
                variable(userVariable, System.getenv(userVariable)),
                variable(passwordVariable, System.getenv(passwordVariable))),
        "the environment variables %s and %s".formatted(userVariable, passwordVariable),
        Fit.ANY);
  }

  private static void ensureName(String parameter, String name) {
    if (name.isBlank()) {
      throw new IllegalArgumentException(parameter + " is blank: name an environment variable");
    }
  }

  private static String variable(String name, @Nullable String value) throws IOException {
    if (value == null) {
      throw new IOException("the variable %s is not set; set it for the program".formatted(name));
    }
    return value;
  }

  /**
   * Returns what {@code docker login} has left for a registry: in {@code config.json} in the folder
   * that the environment variable {@code DOCKER_CONFIG} names, or else in {@code .docker} in the
   * user's home. Credential helpers and stores that it names ({@code credHelpers}, {@code
   * credsStore}) are asked, by the program {@code docker-credential-NAME}, which must be on the
   * path. Without a login for a registry, its images are pulled anonymously. Reading it takes
   * Jackson on the class path.
   */
  public static Secret dockerConfig() {
    return new Secret(new DockerConfig(System::getenv), "the Docker configuration", Fit.REGISTRIES);
  }

  /**
   * Returns the private key in a file, for git over ssh. The key must have no pass phrase, because
   * nobody could enter it on a worker; use a deploy key of its own.
   *
   * @param path on the machine of the program
   */
  public static Secret sshKey(Path path) {
    Path absolute = path.toAbsolutePath();
    return new Secret(new SshKeyFile(absolute), "the ssh key file " + absolute, Fit.GIT_SERVERS);
  }

  /** Returns what a source of the program reads. */
  public static Secret from(SecretSource source) {
    return from("a source of the program", source);
  }

  /**
   * Returns what a source of the program reads.
   *
   * @param description where the secret is, which messages show, such as {@code "the vault entry
   *     git-token"}; a part of a sentence
   * @throws IllegalArgumentException if {@code description} is blank
   */
  public static Secret from(String description, SecretSource source) {
    Objects.requireNonNull(source, "source is null");
    if (description.isBlank()) {
      throw new IllegalArgumentException("description is blank: say where the secret is");
    }
    return new Secret(source, description, Fit.ANY);
  }

  /** Reads it; see {@link SecretSource#read}. */
  Value read(String target) throws IOException, InterruptedException {
    return source.read(target);
  }

  Fit fit() {
    return fit;
  }

  /** Returns where the secret comes from; a part of a sentence. */
  @Override
  public String toString() {
    return description;
  }
}
