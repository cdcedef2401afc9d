package commands

import (
	"context"
	"time"

	"chatserver/accounts/oidc"
	"chatserver/config"
)

// providerTimeout bounds the check of an identity provider at the start.
const providerTimeout = 15 * time.Second

// openProviders reads the identity providers. One that cannot be reached does not stop the
// start: it is logged, and tried again when somebody signs in with it.
func openProviders(c config.Config, options Options) (providers []*oidc.Provider, err error) {
	if c.OIDC == "" {
		return nil, nil
	}
	configs, err := oidc.ReadConfig(c.OIDC)
	if err != nil {
		return nil, err
	}
	for _, config := range configs {
		provider := oidc.New(config, oidc.Options{Now: options.Now})
		providers = append(providers, provider)
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), providerTimeout)
			defer cancel()
			if err := provider.Check(ctx); err != nil {
				options.Log.Warn("sign-in provider cannot be used yet", "provider", provider.ID(), "error", err)
			}
		}()
	}
	return providers, nil
}
