package dev.grain;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file with a private key for ssh. */
record SshKeyFile(Path file) implements SecretSource {
  private static final Pattern PRIVATE_KEY =
      Pattern.compile(
          "-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----(.*?)-----END [A-Z0-9 ]*PRIVATE KEY-----",
          Pattern.DOTALL);

  /** What the content of OpenSSH's own format begins with; the name of a cipher follows. */
  private static final String MAGIC = "openssh-key-v1\0";

  private static final int LONGEST_NAME = 64;

  @Override
  public Secret.Value read(String target) throws IOException {
    return parse(SecretText.read(file));
  }

  static Secret.Value.SshKey parse(String text) throws IOException {
    Matcher key = PRIVATE_KEY.matcher(text);
    if (!key.find()) {
      throw new IOException(whatElse(text));
    }
    if (hasPassPhrase(key.group(1), key.group(2))) {
      throw new IOException(
          "the key has a pass phrase, which nobody can enter on a worker; make a key without one"
              + " for this use (ssh-keygen -t ed25519), and limit what it may do on the server");
    }
    return new Secret.Value.SshKey("", text);
  }

  private static String whatElse(String text) {
    if (text.startsWith("PuTTY-User-Key-File")) {
      return "the key has the format of PuTTY; export it in the format of OpenSSH";
    }
    if (text.startsWith("ssh-") || text.startsWith("ecdsa-") || text.contains("PUBLIC KEY")) {
      return "it holds a public key; name the file of the private key";
    }
    return "it holds no private key: a line \"-----BEGIN ... PRIVATE KEY-----\" is missing";
  }

  private static boolean hasPassPhrase(String kind, String body) throws IOException {
    return kind.startsWith("ENCRYPTED")
        || body.contains("Proc-Type: 4,ENCRYPTED")
        || (kind.startsWith("OPENSSH") && !cipher(body).equals("none"));
  }

  /** Returns the name of the cipher in OpenSSH's own format. */
  private static String cipher(String body) throws IOException {
    byte[] magic = MAGIC.getBytes(StandardCharsets.US_ASCII);
    try {
      ByteBuffer content = ByteBuffer.wrap(Base64.getMimeDecoder().decode(body));
      byte[] begin = new byte[magic.length];
      content.get(begin);
      int length = content.getInt();
      if (Arrays.equals(begin, magic) && length >= 0 && length <= LONGEST_NAME) {
        byte[] name = new byte[length];
        content.get(name);
        return new String(name, StandardCharsets.US_ASCII);
      }
    } catch (IllegalArgumentException | BufferUnderflowException damaged) {
      // said below; the exception could quote the key
    }
    throw new IOException("the key in it is damaged");
  }
}
