package dev.grain.node.prepare;

/** A secret that proves somebody's identity to a server. No text of it has the secret. */
public sealed interface Login permits Login.Password, Login.SshKey {
  /**
   * A name and a password, or a token in the place of a password.
   *
   * @param user the name; may be empty where a token is enough; {@code <token>} if the password is
   *     an identity token of a registry, as Docker's credential helpers have it
   * @param password the secret
   */
  record Password(String user, String password) implements Login {
    private static final String TOKEN_USER = "<token>";

    /** Returns whether it is an identity token of a registry, which has no user. */
    public boolean isIdentityToken() {
      return user.equals(TOKEN_USER);
    }

    /** Returns whose it is, for people. */
    public String owner() {
      return user.isEmpty() ? "nobody" : isIdentityToken() ? "an identity token" : user;
    }

    @Override
    public String toString() {
      return "password of " + user;
    }
  }

  /**
   * A private key for ssh.
   *
   * @param user the name; empty for that of the address
   * @param privateKey the content of the file, in the format of OpenSSH or PEM, without a pass
   *     phrase
   */
  record SshKey(String user, String privateKey) implements Login {
    @Override
    public String toString() {
      return "ssh key" + (user.isEmpty() ? "" : " of " + user);
    }
  }
}
