select count(*) as providers from platform_providers
