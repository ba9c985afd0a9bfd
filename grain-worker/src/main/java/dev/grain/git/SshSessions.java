package dev.grain.git;

import dev.grain.node.prepare.PreparationException;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.SshConfigStore;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.ServerKeyDatabase;
import org.eclipse.jgit.transport.sshd.SshdSession;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.agent.ConnectorFactory;
import org.eclipse.jgit.util.FS;
import org.jspecify.annotations.Nullable;

/**
 * Connects by ssh. With a key that was given it uses nothing else; without one what the user has:
 * the files in {@code ~/.ssh}, its {@code config}, and an agent. Hosts are known by the user's
 * files in either case.
 */
final class SshSessions extends SshdSessionFactory {
  static {
    Ed25519.register();
  }

  private final GitSettings settings;
  private final @Nullable List<KeyPair> keys;
  private final boolean byPassword;
  // set by a thread of ssh, read by that of the conversation
  private volatile @Nullable String refusedHost;
  // only accessed by the thread of the conversation
  private boolean silent;

  private SshSessions(GitSettings settings, @Nullable List<KeyPair> keys, boolean byPassword) {
    super(null, null);
    this.settings = settings;
    this.keys = keys;
    this.byPassword = byPassword;
    setHomeDirectory(settings.home().toFile());
    setSshDirectory(settings.home().resolve(".ssh").toFile());
  }

  static SshSessions of(GitUrl url, GitLogin login, GitSettings settings)
      throws PreparationException {
    String key = login.privateKey();
    return new SshSessions(settings, key == null ? null : parse(url, key), login.hasPassword());
  }

  private static List<KeyPair> parse(GitUrl url, String key) throws PreparationException {
    try (ByteArrayInputStream in =
        new ByteArrayInputStream(key.strip().concat("\n").getBytes(StandardCharsets.UTF_8))) {
      List<KeyPair> pairs = new ArrayList<>();
      Iterable<KeyPair> loaded =
          SecurityUtils.loadKeyPairIdentities(
              null, NamedResource.ofName("key"), in, (_, _, _) -> null);
      if (loaded != null) {
        loaded.forEach(pairs::add);
      }
      if (!pairs.isEmpty()) {
        return pairs;
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // no text of the key may get into a message
    }
    throw PreparationException.everywhere(
        "The ssh key for %s cannot be used: it is not in the format of OpenSSH or PEM, or it has a pass phrase. Give a private key without a pass phrase."
            .formatted(url));
  }

  /** Logs in; the library's own limit for that cannot be set. */
  @Override
  public SshdSession getSession(
      URIish server, @Nullable CredentialsProvider login, @Nullable FS files, int connectMillis)
      throws TransportException {
    try (Patience patience = new Patience(settings.patience())) {
      try {
        return super.getSession(server, login, files, connectMillis);
      } finally {
        silent = patience.isOver();
      }
    }
  }

  /** Returns whether the server did not let anybody in for so long that it was given up. */
  boolean isSilent() {
    return silent;
  }

  /** Returns why the server was not trusted, in a sentence; null if it was. */
  @Nullable String refusedHost() {
    return refusedHost;
  }

  @Override
  protected @Nullable File getSshConfig(File sshFolder) {
    return keys == null ? super.getSshConfig(sshFolder) : null;
  }

  @Override
  protected @Nullable SshConfigStore createSshConfigStore(
      File home, @Nullable File config, String user) {
    return config == null ? null : super.createSshConfigStore(home, config, user);
  }

  @Override
  protected Iterable<KeyPair> getDefaultKeys(File sshFolder) {
    return keys == null ? super.getDefaultKeys(sshFolder) : keys;
  }

  @Override
  protected List<Path> getDefaultIdentities(File sshFolder) {
    return keys == null ? super.getDefaultIdentities(sshFolder) : List.of();
  }

  @Override
  protected @Nullable ConnectorFactory getConnectorFactory() {
    return keys == null ? super.getConnectorFactory() : null;
  }

  @Override
  protected @Nullable String getDefaultPreferredAuthentications() {
    return keys != null ? "publickey" : byPassword ? "password,keyboard-interactive" : "publickey";
  }

  @Override
  protected ServerKeyDatabase createServerKeyDatabase(File home, File sshFolder) {
    return new Hosts(super.createServerKeyDatabase(home, sshFolder));
  }

  /** Trusts hosts that are known, and, if the settings say so, remembers those that are not. */
  private final class Hosts implements ServerKeyDatabase {
    private final ServerKeyDatabase usual;

    Hosts(ServerKeyDatabase usual) {
      this.usual = usual;
    }

    @Override
    public List<PublicKey> lookup(
        String address, InetSocketAddress remote, Configuration configuration) {
      return usual.lookup(address, remote, new Rules(configuration));
    }

    @Override
    public boolean accept(
        String address,
        InetSocketAddress remote,
        PublicKey key,
        Configuration configuration,
        @Nullable CredentialsProvider nobody) {
      if (usual.accept(address, remote, key, new Rules(configuration), null)) {
        return true;
      }
      boolean known = !lookup(address, remote, configuration).isEmpty();
      refusedHost =
          (known
                  ? "has another key (%s) than known_hosts says, so it may not be the right one. If its key was changed, remove the old one by: ssh-keygen -R '%s'"
                  : "is not known (its key is %s). If this is right, connect to %s once with ssh, or add it to ~/.ssh/known_hosts")
              .formatted(KeyUtils.getFingerPrint(key), address);
      return false;
    }
  }

  private final class Rules implements ServerKeyDatabase.Configuration {
    private final ServerKeyDatabase.Configuration usual;

    Rules(ServerKeyDatabase.Configuration usual) {
      this.usual = usual;
    }

    @Override
    public List<String> getUserKnownHostsFiles() {
      List<String> files = new ArrayList<>();
      Path own = settings.newHosts();
      if (own != null) {
        files.add(own.toString()); // new ones go into the first
      }
      List<String> configured = usual.getUserKnownHostsFiles();
      if (configured != null && !configured.isEmpty()) {
        files.addAll(configured);
      } else {
        getDefaultKnownHostsFiles(settings.home().resolve(".ssh").toFile())
            .forEach(each -> files.add(each.toString()));
      }
      return files;
    }

    @Override
    public List<String> getGlobalKnownHostsFiles() {
      return usual.getGlobalKnownHostsFiles();
    }

    @Override
    public StrictHostKeyChecking getStrictHostKeyChecking() {
      StrictHostKeyChecking said = usual.getStrictHostKeyChecking();
      if (said != StrictHostKeyChecking.ASK) {
        return said;
      }
      return settings.newHosts() == null
          ? StrictHostKeyChecking.REQUIRE_MATCH
          : StrictHostKeyChecking.ACCEPT_NEW;
    }

    @Override
    public boolean getHashKnownHosts() {
      return usual.getHashKnownHosts();
    }

    @Override
    public String getUsername() {
      return usual.getUsername();
    }
  }
}
