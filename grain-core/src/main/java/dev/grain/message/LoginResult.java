package dev.grain.message;

import dev.grain.bytes.Bytes;

/** What a program answers to a node that needs a login. No text of it has the secret. */
public sealed interface LoginResult {
  /** The program has no login for it. */
  record None() implements LoginResult {}

  /**
   * There is one, but the node does not get it.
   *
   * @param reason why, in a sentence
   */
  record Refused(String reason) implements LoginResult {}

  /**
   * A name and a password.
   *
   * @param user the name; may be empty
   * @param secret the password in UTF-8
   */
  record Password(String user, Bytes secret) implements LoginResult {
    @Override
    public String toString() {
      return "Password[of " + user + "]";
    }
  }

  /**
   * A private key for ssh.
   *
   * @param user the name; empty for that of the address
   * @param secret the content of its file in UTF-8
   */
  record SshKey(String user, Bytes secret) implements LoginResult {
    @Override
    public String toString() {
      return "SshKey[of " + user + "]";
    }
  }

  /** Returns the secret, or nothing if there is none. */
  default Bytes value() {
    return switch (this) {
      case Password(String _, Bytes secret) -> secret;
      case SshKey(String _, Bytes secret) -> secret;
      case None _, Refused _ -> Bytes.empty();
    };
  }

  /** Returns it with another secret, if it has one. */
  default LoginResult with(Bytes secret) {
    return switch (this) {
      case Password(String user, Bytes _) -> new Password(user, secret);
      case SshKey(String user, Bytes _) -> new SshKey(user, secret);
      case None _, Refused _ -> this;
    };
  }
}
